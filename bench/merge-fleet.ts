import { pathToFileURL } from 'node:url';
import { batchWrite } from '../lib/store/batch-write.ts';
import { tableVariables } from '../local/set/function-environment.ts';
import { bundle } from './bundle.ts';
import { startChild } from './child.ts';
import { makeComets } from './events.ts';
import type { MergeLoad } from './merge-fleet-child.ts';
import type { Options } from './options.ts';
import { awsEnvironment, openPeerTables, type Peers, startPeer } from './peers.ts';
import { type Row, rowOf } from './row.ts';

const COMETS = 1_000;
const SEED_MS = 10_000;
/** As Lambda starts Node in a function of 256 MB: 5 % of them for each half of what is new, 90 % for what is old. */
const LAMBDA_HEAP = ['--max-semi-space-size=12', '--max-old-space-size=230'];

const seedComets = async (peers: Peers, address: string): Promise<void> => {
  const db = openPeerTables(peers);
  const writes = makeComets(COMETS, (id) => `${address}/${id}`).map(({ id, addresses }) => ({
    key: { id: { S: id } },
    item: { id: { S: id }, addresses: { L: addresses.map((S) => ({ S })) } },
  }));
  const table = peers.tables['CometsTable'] ?? '';
  const { failure } = await batchWrite(db, table, writes, { startWithinMs: SEED_MS });
  if (failure !== undefined) throw failure;
  db.destroy();
};

const environment = (peers: Peers): Record<string, string> => ({
  ...awsEnvironment(peers),
  REGISTRY: 'table',
  COMETS_TABLE: peers.tables['CometsTable'] ?? '',
  ...tableVariables(peers.tables),
  REDELIVER_FUNCTION: 'goim-job-dev-redeliver',
});

/** Tables of its own: a lease outlives a process that is ended. */
const measureOnce = async (file: string, peers: Peers, mergeMs: number): Promise<MergeLoad> => {
  const comets = await startPeer<{ address: string }>('room-comets');
  const tables = await startPeer<{ address: string; tables: Peers['tables'] }>('tables');
  const own = { ...peers, dynamodb: tables.ready.address, tables: tables.ready.tables };
  await seedComets(own, comets.ready.address);
  const merge = await startChild(pathToFileURL(file), {
    env: environment(own),
    execArgv: LAMBDA_HEAP,
  });
  await comets.ask({});
  const load = await merge.ask<MergeLoad>({ ms: mergeMs });
  const asked = await comets.ask<number>({});
  await Promise.all([merge, comets, tables].map((child) => child.stop()));
  if (asked < (0.8 * COMETS * mergeMs) / 1000) throw new Error(`the comets were asked only ${asked} times`);
  return load;
};

/** CPU of one core, and peak memory, of the deployed `mergeRooms` while it asks 1,000 comets of 10 rooms each second. */
export const measureMergeFleet = async (
  folder: string,
  peers: Peers,
  { memoryRuns, mergeMs }: Options,
): Promise<Row[]> => {
  const { file } = await bundle(new URL('./merge-fleet-child.ts', import.meta.url).pathname, folder);
  const loads: MergeLoad[] = [];
  for (let run = 0; run < memoryRuns; run++) loads.push(await measureOnce(file, peers, mergeMs));
  const percents = loads.map(({ cpuPercent }) => cpuPercent);
  const peaks = loads.map(({ peakMiB }) => peakMiB);
  return [
    rowOf('merge-cpu', 'mergeRooms, 1,000 comets of 10 rooms: CPU of one core', '%', percents),
    rowOf('merge-memory', '  the same: peak memory', 'MiB', peaks),
  ];
};
