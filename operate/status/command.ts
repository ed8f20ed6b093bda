import { setTimeout as wait } from 'node:timers/promises';
import { runCommand } from '../run-command.ts';
import { openStage } from '../stage.ts';
import { readStatusArguments, STATUS_USAGE, type StatusArguments } from './arguments.ts';
import { readLag } from './lag.ts';
import { statusLines } from './lines.ts';
import { readStatus } from './status.ts';
import { openStatusTables, type StatusTables } from './tables.ts';

const WATCH_MS = 2_000;
/** To the upper left, and nothing below. */
const CLEAR = '\u001b[H\u001b[J';

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

const write = (text: string): void => void process.stdout.write(text);

const show = async (tables: StatusTables, asked: StatusArguments): Promise<void> => {
  const { place, kafka, isJson, isWatch, hasRooms } = asked;
  const status = await readStatus(tables, {
    now: Date.now(),
    hasRooms,
    readLag: () => readLag(place, kafka),
  });
  const text = isJson ? JSON.stringify(status) : statusLines(status).join('\n');
  write(`${isWatch && !isJson && process.stdout.isTTY ? CLEAR : ''}${text}\n`);
};

const perform = async (asked: StatusArguments): Promise<void> => {
  const stage = openStage(asked.place);
  const tables = openStatusTables(stage);
  const { signal } = interruption;
  try {
    do {
      await show(tables, asked);
      if (asked.isWatch) await wait(WATCH_MS, undefined, { signal }).catch(() => {});
    } while (asked.isWatch && !signal.aborted);
  } finally {
    stage.close();
  }
};

await runCommand(
  async () => {
    const asked = readStatusArguments(process.argv.slice(2));
    if (asked === undefined) write(`${STATUS_USAGE}\n`);
    else await perform(asked);
    return true;
  },
  { err: (line) => void process.stderr.write(`${line}\n`) },
);
