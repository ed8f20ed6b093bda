import type { Clock } from '../clock.ts';
import {
  PROBE_FIRST_MS,
  REDELIVER_LINGER_MS,
  REDELIVER_LISTEN_MS,
  REDELIVER_PARTITIONS,
} from '../domain/limits.ts';
import { createWaiting } from '../domain/waiting.ts';
import type { Wake } from '../domain/wake.ts';
import { type HeldLease, isLeaseLost, type LeaseDeps } from '../lease.ts';
import { backOff } from './back-off.ts';
import { type HandOverDeps, handOver } from './hand-over.ts';
import { type RedeliverLeases, takeOrWake } from './lease.ts';
import { createReport } from './report.ts';
import { openShift, type ShiftDeps } from './shift.ts';
import type { TurnEnd, TurnStores } from './turn.ts';
import { createTurnTaker, type TurnTakerDeps, type TurnTakerWork } from './turn-taker.ts';

export interface RedeliverCometDeps
  extends HandOverDeps,
    ShiftDeps,
    TurnTakerDeps,
    Omit<LeaseDeps, 'leases'> {
  readonly behind: TurnStores['behind'] & {
    /** What changed in the last moment may be missing. */
    partitionsOf(comet: string): Promise<readonly string[]>;
  };
  readonly leases: RedeliverLeases;
}

/**
 * `held`: another redelivery works on the comet, and has been told. `behind`: marks are left, for the next sweep.
 * `handed-over`: what is left is for a successor with another code or configuration, which has been woken.
 */
export type RedeliverEnd = 'held' | 'caught-up' | 'behind' | 'handed-over';

interface Work extends TurnTakerWork {
  readonly take: (partition: string) => Promise<TurnEnd>;
  /** Rounds in a row in which the comet, or a store, took nothing. */
  failures: number;
  /** Ops are left for whom there is nobody. */
  isLeft: boolean;
}

const finish = (work: Work, partition: string, end: TurnEnd): void => {
  work.isLeft ||= end === 'waiting';
  work.waiting.putBack(partition, end === 'caught-up' || end === 'waiting');
};

const mayGoOn = ({ failures, shift }: Work): boolean => failures === 0 && shift.mayCall();

/** Stays on a partition until its mark is gone: one visit a round would never win against live traffic. */
const drain = async (work: Work, partition: string): Promise<void> => {
  let end = await work.take(partition);
  while (end === 'more' && mayGoOn(work)) end = await work.take(partition);
  if (end === 'failing') work.failures = 1;
  finish(work, partition, end);
};

const drainAll = async (work: Work): Promise<void> => {
  for (let next = work.waiting.take(); next !== undefined; next = work.waiting.take()) {
    await drain(work, next);
    if (!mayGoOn(work)) return;
  }
};

/** One turn on one partition, after a pause: whether the comet takes ops again. */
const probe = async (work: Work, clock: Clock): Promise<void> => {
  if (work.shift.isAsked()) return;
  await backOff(work.failures, work.shift, clock);
  const next = work.waiting.take();
  if (next === undefined) return;
  const end = await work.take(next);
  work.failures = end === 'failing' ? work.failures + 1 : 0;
  finish(work, next, end);
};

const workAll = async (work: Work, clock: Clock): Promise<void> => {
  const workers = Array.from({ length: REDELIVER_PARTITIONS }, () => work);
  while (work.waiting.size > 0 && work.shift.mayCall()) {
    await (work.failures > 0 ? probe(work, clock) : Promise.all(workers.map(drainAll)));
  }
};

/** What falls behind again, since its batch read the mark before it went, is of the same outage, and brought up to date at once. */
const linger = async (work: Work, lease: HeldLease, { now, sleep }: Clock): Promise<void> => {
  const { waiting } = work;
  if (!work.report.hasTried || work.isLeft) return;
  const endsAt = now() + REDELIVER_LINGER_MS;
  while (waiting.size === 0 && now() < endsAt && !lease.isAsked()) {
    await sleep(REDELIVER_LISTEN_MS);
    waiting.add(await lease.renew());
  }
};

/** Its time is over. What it has been woken for it hears first, or the lease would not be free for the next sweep. */
const leave = async (lease: HeldLease): Promise<void> => {
  await lease.renew();
  await lease.release();
};

/** Until nothing is left and nobody has woken it meanwhile, another wants the lease, or `endsAt`. */
const workUntil = async (
  { clock }: RedeliverCometDeps,
  work: Work,
  lease: HeldLease,
  endsAt: number,
): Promise<void> => {
  const { waiting, shift } = work;
  while (clock.now() < endsAt) {
    await workAll(work, clock);
    await linger(work, lease, clock);
    if (lease.isAsked() || (waiting.size === 0 && (await lease.release()))) return;
    // It was woken in the last moment, or the lease has run low under a store or sandbox that stood still.
    waiting.add(await lease.renew());
    if (!shift.mayCall()) await clock.sleep(PROBE_FIRST_MS);
  }
};

/** One comet under its lease, until it has caught up or nothing more can be done for it. */
const catchUp = async (
  deps: RedeliverCometDeps,
  { comet, partitions }: Wake,
  lease: HeldLease,
  endsAt: number,
): Promise<RedeliverEnd> => {
  const waiting = createWaiting();
  waiting.add(partitions);
  waiting.add(await deps.behind.partitionsOf(comet));
  const shift = await openShift(deps, comet, lease, endsAt);
  const report = createReport(deps.log, deps.clock.now, comet);
  const take = createTurnTaker(deps, comet, { waiting, shift, report });
  const work: Work = { waiting, shift, report, take, failures: 0, isLeft: false };
  await workUntil(deps, work, lease, endsAt);
  if (lease.isAsked()) return handOver(deps, { comet, partitions: waiting.all() }, lease);
  if (waiting.size > 0) await leave(lease);
  return report.ended(work.isLeft || waiting.size > 0 ? 'behind' : 'caught-up', shift.place());
};

/** Brings a comet up to date, alone; or tells who is at it. `endsAt` in ms. Throws the stores' errors while it starts. */
export const redeliverComet = async (
  deps: RedeliverCometDeps,
  wake: Wake,
  endsAt: number,
): Promise<RedeliverEnd> => {
  const lease = await takeOrWake(deps, wake, endsAt);
  if (lease === undefined) return 'held';
  try {
    return await catchUp(deps, wake, lease, endsAt);
  } catch (error) {
    if (isLeaseLost(error)) return 'held';
    throw error;
  }
};
