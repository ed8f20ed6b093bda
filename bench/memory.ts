import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { createFleetTable } from '../lib/store/fleet.ts';
import { tableVariables } from '../local/set/function-environment.ts';
import { bundle } from './bundle.ts';
import { startChild } from './child.ts';
import { eventJson, makeComets, pushTo, type TargetOf, toAll } from './events.ts';
import type { Options } from './options.ts';
import { awsEnvironment, openPeerTables, type Peers } from './peers.ts';
import { type Row, rowOf } from './row.ts';

interface Load {
  readonly id: string;
  readonly title: string;
  readonly comets: number;
  readonly targetOf: TargetOf;
}

/** An event has at most 10,000 records and 6 MB, so both are full with this many bytes a value. */
const RECORDS = 10_000;
const MAX_EVENT_BYTES = 6_000_000;
const SEED_MS = 10_000;

const LOADS: readonly Load[] = [
  {
    id: 'memory-push',
    title: 'peak memory: 6 MB, 10,000 PUSH to 2 comets',
    comets: 2,
    targetOf: pushTo(2),
  },
  { id: 'memory-all', title: 'peak memory: 6 MB, 10,000 ALL to 100 comets', comets: 100, targetOf: toAll },
];

const fullEvent = (targetOf: TargetOf): string => {
  const small = eventJson(RECORDS, targetOf, 99).length;
  const room = Math.floor(((MAX_EVENT_BYTES - small) / RECORDS / 4) * 3);
  return eventJson(RECORDS, targetOf, 99 + room - (room % 3));
};

const seedFleet = async (peers: Peers, count: number): Promise<void> => {
  const db = openPeerTables(peers);
  const fleet = createFleetTable(db, peers.tables['FleetTable'] ?? '');
  const comets = makeComets(count, () => peers.comet);
  const { failure } = await fleet.writeComets(
    comets.map((comet) => ({ id: comet.id, comet })),
    SEED_MS,
  );
  if (failure !== undefined) throw failure;
  const now = Date.now();
  await fleet.writeHeader({
    version: count,
    mergedAt: now,
    fleetAt: now,
    fresh: new Set(),
    silent: new Set(),
  });
  db.destroy();
};

const environment = (peers: Peers, way: string): Record<string, string> => ({
  ...awsEnvironment(peers),
  DELIVERY: way,
  DELIVER_FUNCTION: 'goim-job-dev-deliver',
  ...tableVariables(peers.tables),
  REDELIVER_FUNCTION: 'goim-job-dev-redeliver',
});

const MERGE_LOADS = [10_000, 100_000, 1_000_000];

/** Peak resident memory of fresh processes that run `mergeRooms` until every room is written. */
export const measureMergeMemory = async (folder: string, { memoryRuns }: Options): Promise<Row[]> => {
  const { file } = await bundle(new URL('./merge-memory-child.ts', import.meta.url).pathname, folder);
  const rows: Row[] = [];
  for (const rooms of MERGE_LOADS) {
    const peaks: number[] = [];
    for (let run = 0; run < memoryRuns; run++) {
      const child = await startChild<number>(pathToFileURL(file), { args: [`${rooms}`], execArgv: [] });
      peaks.push(child.ready);
      await child.stop();
    }
    const title = `peak memory: mergeRooms, ${rooms.toLocaleString('en')} rooms`;
    rows.push(rowOf(`memory-merge-${rooms}`, title, 'MiB', peaks));
  }
  return rows;
};

/** Peak resident memory of fresh processes that run the deployed `dispatch` once; its peers hold what it sends for a while. */
export const measureMemory = async (
  folder: string,
  peers: Peers,
  { memoryRuns }: Pick<Options, 'memoryRuns'>,
  way = 'invoke',
): Promise<Row[]> => {
  const { file } = await bundle(new URL('./memory-child.ts', import.meta.url).pathname, folder);
  const rows: Row[] = [];
  for (const { id, title, comets, targetOf } of LOADS) {
    const event = `${folder}/${id}.json`;
    await writeFile(event, fullEvent(targetOf));
    const peaks: number[] = [];
    for (let run = 0; run < memoryRuns; run++) {
      await seedFleet(peers, comets);
      const options = { args: [event], env: environment(peers, way), execArgv: [] };
      const child = await startChild<number>(pathToFileURL(file), options);
      peaks.push(child.ready);
      await child.stop();
    }
    rows.push(rowOf(id, title, 'MiB', peaks));
  }
  return rows;
};
