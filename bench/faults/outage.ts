import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './clock.ts';
import type { CometState } from './comets-child.ts';
import { type LoadOptions, startLoad } from './load.ts';
import type { Rig } from './rig.ts';

export interface Outage {
  /** From the comet's return to its first op; it is asked again each 5 s at most. */
  readonly seenAfterS: number;
  /** From its return until its last mark was gone; infinite: it never caught up. */
  readonly caughtUpAfterS: number;
  /** What it took from its first op until then, live traffic included, in ops/s. */
  readonly drainRate: number;
  readonly pace: number;
  readonly inversions: number;
}

/** What happens to one comet, and for how long, ms. */
export interface Cut {
  readonly comet: string;
  readonly begin: CometState;
  readonly end: CometState;
  readonly ms: number;
}
const WARM_UP_MS = 1_000;
const PATIENCE_MS = 90_000;
/** Some traffic after the last mark has gone, which goes to the comet at once. */
const AFTER_MS = 1_000;

/** A comet that takes all the traffic gets none of it for a while; the traffic goes on. Rejects if an op is lost. */
export const runOutage = async (
  rig: Rig,
  traffic: Omit<LoadOptions, 'comets'>,
  { comet, begin, end: mend, ms }: Cut,
): Promise<Outage> => {
  await rig.forget();
  const load = startLoad(rig, { ...traffic, comets: 1 });
  await delay(WARM_UP_MS);
  const beganAt = await rig.set(comet, begin);
  await delay(ms);
  const backAt = ms === 0 ? beganAt : await rig.set(comet, mend);
  const caughtUpAt = await rig.untilCaughtUp(PATIENCE_MS);
  await delay(AFTER_MS);
  const { records, pace } = await load.stop();
  const [report] = (await rig.reports()).filter(({ id }) => id === comet);
  const firstAt = report?.firstAt ?? Number.NaN;
  const end = caughtUpAt ?? nowMs();
  const taken = report?.dueAt.filter((due, index) => {
    const at = due + (report.latencyMs[index] ?? 0);
    return at >= firstAt && at <= end;
  });
  if (caughtUpAt === undefined) await rig.untilCaughtUp(PATIENCE_MS);
  await rig.delivered(records);
  return {
    seenAfterS: (firstAt - backAt) / 1000,
    caughtUpAfterS: caughtUpAt === undefined ? Number.POSITIVE_INFINITY : (caughtUpAt - backAt) / 1000,
    drainRate: ((taken?.length ?? 0) / (end - firstAt)) * 1000,
    pace,
    inversions: report?.inversions ?? 0,
  };
};
