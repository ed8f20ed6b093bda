import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createFleetTable } from '../lib/store/fleet.ts';
import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { startTables } from '../local/tables.ts';
import { openStage } from '../operate/stage.ts';
import { spreadOf } from './statistics.ts';

const COMETS = 1_000;
const WRITE_MS = 60_000;
const COMMAND = 'operate/status/command.ts';

const USAGE = `npm run bench:status -- [--rounds N]
How long npm run status takes on 1,000 comets, from its start to its end, on the local tables.
  --rounds N  (9)`;

const putFleet = async (port: number): Promise<void> => {
  const stage = openStage({ stage: 'dev', ports: { topic: 0, tables: port, lambda: 0 } });
  const fleet = createFleetTable(stage.db, stage.name('fleet'));
  const ids = Array.from({ length: COMETS }, (_, index) => `comet-${index}`);
  const comets = ids.map((id) => ({ id, comet: { id, addresses: [`grpc://${id}.internal:3109`] } }));
  await fleet.writeComets(comets, WRITE_MS);
  const now = Date.now();
  const silent = new Set<string>();
  await fleet.writeHeader({ version: now, mergedAt: now, fleetAt: now, fresh: new Set(ids), silent });
  stage.close();
};

const run = promisify(execFile);

/** Without npm, which takes 0.2 s of its own. */
const sampleMs = async (env: NodeJS.ProcessEnv): Promise<number> => {
  const before = performance.now();
  const { stdout } = await run(process.execPath, [COMMAND], { env, maxBuffer: 64 * 1024 * 1024 });
  const ms = performance.now() - before;
  const shown = stdout.split('\n').filter((line) => line.startsWith('comet-')).length;
  if (shown !== COMETS) throw new Error(`${shown} comets instead of ${COMETS}`);
  return ms;
};

const measure = async (rounds: number): Promise<void> => {
  const tables = await startTables();
  await putFleet(Number(new URL(tables.endpoint).port));
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await sampleMs(process.env));
  await tables.close();
  const { median, min, max } = spreadOf(samples);
  console.log(
    `status, 1,000 comets: ${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)}, ${rounds} runs)`,
  );
};

await runCommand(USAGE, (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '9' } });
  return measure(positiveWhole('--rounds', values.rounds));
});
