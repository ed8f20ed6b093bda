import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { BLINKS, replayEverywhere, UNMARKS } from './broken.ts';
import { COMET_STRIKES } from './comet-strikes.ts';
import { drain } from './drain.ts';
import type { Nature } from './expected.ts';
import { fleetIsFresh, watchFleet } from './fleet-watch.ts';
import { FUNCTION_STRIKES } from './function-strikes.ts';
import type { ChaosOptions } from './options.ts';
import { percentile } from './percentiles.ts';
import type { Report } from './report.ts';
import { scanTable } from './scan.ts';
import { type Planned, planStrikes, runStrikes } from './schedule.ts';
import { startRoaming, startSchedules } from './schedules.ts';
import type { Strike } from './strike.ts';
import { TABLE_STRIKES } from './table-strikes.ts';
import { judge } from './verdict.ts';
import { startWorkload } from './workload.ts';
import { startWorld, type World } from './world.ts';

const WARM_UP_MS = 5_000;
/** Without strikes, at the end. */
const RECOVERY_MS = 12_000;
/** More than the minute after which an op for a comet that does not exist is given up. */
const DRAIN_MS = 110_000;
/** What was applied is then still on its way to the clients. */
const ARRIVAL_MS = 1_000;

const BROKEN_FROM_MS = 1_000;
const BROKEN_RECOVERY_MS = 3_000;
const BROKEN_TIMES = 40;
const BROKEN_DRAIN_MS = 12_000;

const NATURES: readonly Nature[] = ['poison', 'too-large', 'failing', 'ghost'];

/** How deletes of marks are met, for as long as there are faults. */
const meetUnmarks = ({ unmark }: World, seed: number, { broken }: ChaosOptions): void => {
  const random = createRandom(seed);
  const { late, replays } = broken === undefined ? { late: 0.3, replays: 0.1 } : UNMARKS[broken];
  unmark.lateMs = () => (random.chance(late) ? random.int(20, 500) : 0);
  unmark.replays = () => random.chance(replays);
};

const planOf = (
  world: World,
  seed: number,
  { broken, seconds, times, only = '' }: ChaosOptions,
): Planned[] => {
  const endMs = seconds * 1000;
  if (broken !== undefined) {
    const toMs = endMs - BROKEN_RECOVERY_MS;
    return planStrikes(BLINKS, { seed, times: BROKEN_TIMES, fromMs: BROKEN_FROM_MS, toMs });
  }
  const wanted = new RegExp(only);
  const isHere = ({ kind, discoveryOnly = false }: Strike) =>
    wanted.test(kind) && (!discoveryOnly || world.registry.kind === 'discovery');
  const strikes = [...COMET_STRIKES, ...TABLE_STRIKES, ...FUNCTION_STRIKES].filter(isHere);
  const toMs = Math.max(WARM_UP_MS, endMs - RECOVERY_MS);
  return planStrikes(strikes, { seed, times, fromMs: WARM_UP_MS, toMs });
};

/** Produces under faults until everything is produced, or `isOver`; answers how many records there were. */
const suffer = async (
  world: World,
  seed: number,
  options: ChaosOptions,
  isOver: () => boolean,
): Promise<number> => {
  const { records, seconds, broken } = options;
  meetUnmarks(world, seed + 4, options);
  const stopRoaming = startRoaming(world, seed + 5);
  const natures = broken === undefined ? NATURES : [];
  const workload = startWorkload({ ...world, random: createRandom(seed + 6), records, seconds, natures });
  const striking = runStrikes(world, planOf(world, seed + 3, options), isOver);
  const watch = setInterval(() => isOver() && workload.stop(), 100);
  await workload.done;
  clearInterval(watch);
  stopRoaming();
  await striking;
  if (UNMARKS[broken ?? 'consistent-read'].replays > 0) await replayEverywhere(world);
  return workload.produced();
};

const stateOf = async ({ ledger, faults, tables, functions, source }: World) => ({
  records: ledger.records.length,
  faults: faults.rows(),
  ...ledger.counts(),
  uncommitted: ledger.uncommitted(),
  staleReads: tables.staleReads(),
  sandboxes: functions.started(),
  failedBatches: source.failures(),
});

/** One world under one seed's faults. Odd seeds have a static registry, even ones discovery. */
export const runSeed = async (seed: number, options: ChaosOptions): Promise<Report> => {
  const { broken } = options;
  const inversions: string[] = [];
  const delays: number[] = [];
  const isOver = () => broken !== undefined && inversions.length > 0;
  const world = await startWorld({
    seed,
    registry: seed % 2 === 1 ? 'static' : 'discovery',
    broken: broken === 'none' ? undefined : broken,
    onInversion: (text) => inversions.push(text),
    onDelay: (delayMs, wellWhileOtherIll) => wellWhileOtherIll && delays.push(delayMs),
    log: (line) => {
      if (process.env['CHAOS_LOG']) console.error(`${(performance.now() / 1000).toFixed(2)} ${line}`);
    },
  });
  const stopSchedules = startSchedules(world);
  try {
    await Promise.all([world.audience.ready(), fleetIsFresh(world)]);
    const stopWatching = watchFleet(world);
    const produced = await suffer(world, seed, options, isOver);
    const stopped = isOver();
    const drainedMs = await drain(world, broken === undefined ? DRAIN_MS : BROKEN_DRAIN_MS, isOver);
    await pause(ARRIVAL_MS);
    stopWatching();
    const letters = await scanTable(world, 'DeadLettersTable');
    const marks = await scanTable(world, 'BehindTable');
    const letterIds = letters.map(({ id }) => String(id?.['S']));
    const verdict = judge(world.ledger, world.seats, world.topic.name, letterIds);
    return {
      seed,
      stopped,
      produced,
      inversions,
      ...verdict,
      deadByReason: [...verdict.deadByReason],
      ...(await stateOf(world)),
      marks: marks.map(({ comet, partition }) => `${comet?.['S']} on ${partition?.['S']}`),
      orphanRuns: (await scanTable(world, 'ParkedTable')).length,
      drainedMs,
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      delays: delays.length,
    };
  } finally {
    stopSchedules();
    await world.close();
  }
};
