import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { startConsoleRig } from '../test/console/rig.ts';
import { makeComets } from './events.ts';
import { spreadText } from './statistics.ts';

const COMETS = 1_000;
const COMMAND = 'operate/status/command.ts';

const USAGE = `npm run bench:status -- [--rounds N]
How long npm run status takes on 1,000 comets, from its start to its end, on the local tables.
  --rounds N  (9)`;

const run = promisify(execFile);

/** Without npm, which takes 0.2 s of its own; the rig's tables stand in the environment. */
const sampleMs = async (): Promise<number> => {
  const before = performance.now();
  const { stdout } = await run(process.execPath, [COMMAND], { maxBuffer: 64 * 1024 * 1024 });
  const ms = performance.now() - before;
  const shown = stdout.split('\n').filter((line) => line.startsWith('comet-')).length;
  if (shown !== COMETS) throw new Error(`${shown} comets instead of ${COMETS}`);
  return ms;
};

const measure = async (rounds: number): Promise<void> => {
  const rig = await startConsoleRig();
  await rig.putFleet(makeComets(COMETS, (id) => `grpc://${id}.internal:3109`));
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await sampleMs());
  await rig.close();
  console.log(`status, 1,000 comets: ${spreadText(samples, 'runs')}`);
};

await runCommand(USAGE, (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '9' } });
  return measure(positiveWhole('--rounds', values.rounds));
});
