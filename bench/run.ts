import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { runCommand } from '../local/commands/run-command.ts';
import { judge } from './aims.ts';
import { measureCpuTime } from './cpu-time.ts';
import { measureImports } from './import-time.ts';
import { measureMemory, measureMergeMemory } from './memory.ts';
import { measureMergeFleet } from './merge-fleet.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { startPeers } from './peers.ts';
import { roomReadUnits } from './room-reads.ts';
import { derived, type Row, rowById, rowOf } from './row.ts';
import { tableOf } from './table.ts';

const RESULTS = new URL('./results/', import.meta.url);

const machine = () => ({
  cpu: cpus()[0]?.model,
  cpus: availableParallelism(),
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  load: loadavg().map((load) => Number(load.toFixed(2))),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

/** Progress; the results alone go to stdout. */
const say = (line: string): void => console.error(line);

const measure = async (options: Options): Promise<Row[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'goim-job-bench-'));
  // Also after Ctrl-C.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  say(`starts; about ${options.quick ? 'a minute' : '4 minutes'} in all`);
  const { peers, slowLambda, stop } = await startPeers();
  try {
    const timed = await measureCpuTime(peers, options, say);
    const perOp = derived(rowById(timed, 'invoke-500'), 'invoke-500-op', '  the same', 'µs/op', 1 / 500);
    say('size and import of each bundle');
    const imports = await measureImports(folder, options);
    say('peak memory');
    const memory = await measureMemory(folder, { ...peers, lambda: slowLambda }, options);
    const mergeMemory = await measureMergeMemory(folder, options);
    say('mergeRooms with a large fleet');
    const mergeFleet = await measureMergeFleet(folder, peers, options);
    const reads = await roomReadUnits({ rooms: 100, sandboxes: 8, changesPerS: 0 });
    const roomReads = rowOf('room-reads', 'room reads, steady, 100 rooms, 8 sandboxes', 'units/s', [reads]);
    const place = timed.findIndex(({ id }) => id === 'invoke-500') + 1;
    const memoryRows = [...memory, ...mergeMemory, ...mergeFleet];
    return [...timed.toSpliced(place, 0, perOp), ...imports, ...memoryRows, roomReads];
  } finally {
    await stop();
  }
};

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await runCommand(USAGE, async (args) => {
  const options = readOptions(args);
  const startedAt = new Date();
  const rows = await measure(options);
  const aims = judge(rows);
  const tookS = (Date.now() - startedAt.getTime()) / 1000;
  await mkdir(RESULTS, { recursive: true });
  const result = { startedAt, tookS, machine: machine(), parameters: options, rows, aims };
  await writeFile(new URL('latest.json', RESULTS), `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(tableOf(rows, aims));
  console.log(`${tookS.toFixed(0)} s, written to bench/results/latest.json`);
});
