import { createRandom } from '../random.ts';
import { ROAM_ROOMS } from './seating.ts';
import type { Item } from './tables/wire.ts';
import type { World } from './world.ts';

const MERGE_EVERY_MS = 4_000;
const SWEEP_EVERY_MS = 6_000;
const ROAM_EVERY_MS = 3_000;
/** It ends 30 s earlier. Long enough for a comet to be missing for `FLEET_GRACE_S`; but a static registry changes only with the next merge. */
const MERGE_LIMIT_MS = { static: 45_000, discovery: 75_000 } as const;
/** A merge renews its lease each second. */
const SILENT_AFTER_MS = 3_500;
/** Lambda's reserved concurrency. */
const MERGES_AT_ONCE = 2;
const UNDERTAKER_MS = 1_000;
/** None of its writes lives any longer: `WRITE_LIFE_MS`, and what a pass takes. */
const DEAD_AFTER_MS = 13_000;

/** Notes when no merge works. Ends the lease of a merge that has died: half a minute of it would be most of the time that a run has. */
const createUndertaker = ({ tables, tableNames, ledger, log }: World) => {
  const key = { TableName: tableNames['LeasesTable'] ?? '', Key: { name: { S: 'merge-rooms' } } };
  let until: unknown;
  let renewedAt = 0;
  return async (): Promise<void> => {
    const { Item } = (await tables.call('GetItem', key)) as { Item?: Item };
    const now = performance.now();
    if (now - renewedAt > SILENT_AFTER_MS) ledger.mergeWasSilent({ from: renewedAt, to: now });
    if (Item?.['until']?.['N'] !== until) renewedAt = now;
    until = Item?.['until']?.['N'];
    if (until === undefined || now - renewedAt < DEAD_AFTER_MS) return;
    log('the lease of a dead merge ends');
    await tables.call('DeleteItem', key);
  };
};

/** What the schedules of serverless.yml do, more often. Answers what ends them. */
export const startSchedules = (world: World): (() => void) => {
  const { functions, registry } = world;
  const limitMs = MERGE_LIMIT_MS[registry.kind];
  const merge = () => {
    if (functions.running('mergeRooms').length >= MERGES_AT_ONCE) return;
    functions.call('mergeRooms', {}, { limitMs }).catch(() => {});
  };
  const sweep = () => {
    functions.call('redeliver', { 'detail-type': 'Scheduled Event' }).catch(() => {});
  };
  const undertake = createUndertaker(world);
  merge();
  const timers = [
    setInterval(merge, MERGE_EVERY_MS),
    setInterval(sweep, SWEEP_EVERY_MS),
    setInterval(() => void undertake().catch(() => {}), UNDERTAKER_MS),
  ];
  return () => timers.forEach(clearInterval);
};

/** Seats that change their rooms, and stay in them long enough for their messages to be due. Answers what ends it. */
export const startRoaming = ({ seats, audience }: World, seed: number): (() => void) => {
  const random = createRandom(seed);
  const roamers = seats.filter(({ roams }) => roams);
  const timer = setInterval(() => {
    audience.roam(random.pick(roamers), random.pick(ROAM_ROOMS)).catch(() => {});
  }, ROAM_EVERY_MS);
  return () => clearInterval(timer);
};
