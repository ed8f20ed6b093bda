import type { Clock } from '../clock.ts';
import {
  MERGE_EARLY_MS,
  MERGE_EARLY_REST,
  MERGE_END_MS,
  MERGE_FLUSH_MS,
  MERGE_INTERVAL_MS,
} from '../domain/limits.ts';
import type { HeldLease, LeaseDeps } from '../lease.ts';
import { type AskDeps, type Asker, createAsker } from './ask.ts';
import { takeLease } from './lease.ts';
import { openMergePass, type PassDeps } from './pass.ts';
import { createMergeReport } from './report.ts';
import { createFleetSweep, type FleetSweepDeps } from './sweep.ts';

export interface MergeRoomsDeps extends AskDeps, LeaseDeps, PassDeps, FleetSweepDeps {}

/** `held`: another merge works, so there was nothing to do. */
export type MergeEnd = 'merged' | 'held';

/** Until the next pass: a comet whose rooms have changed brings it forward. */
const restAfter = async (beganAt: number, asker: Asker, { now, sleep }: Clock): Promise<void> => {
  const until = (time: number): Promise<void> => sleep(Math.max(0, time - now()));
  const earliest = beganAt + Math.max(MERGE_EARLY_MS, MERGE_EARLY_REST * (now() - beganAt));
  await Promise.race([until(beganAt + MERGE_INTERVAL_MS), asker.changed().then(() => until(earliest))]);
};

const merge = async (deps: MergeRoomsDeps, lease: HeldLease, endsAt: number): Promise<void> => {
  const { clock, log } = deps;
  const report = createMergeReport(log);
  const asker = createAsker(deps, report);
  const sweep = createFleetSweep(deps, report);
  try {
    const pass = await openMergePass(deps, { lease, asker, report });
    let flushedAt = clock.now();
    while (clock.now() < endsAt && !lease.isAsked()) {
      const beganAt = clock.now();
      await pass.run();
      sweep.begin(pass.live());
      if (clock.now() - flushedAt >= MERGE_FLUSH_MS) {
        flushedAt = clock.now();
        log.flush();
      }
      await restAfter(beganAt, asker, clock);
    }
    if (lease.isAsked()) log.info('a merge hands over to another code or configuration');
    log.info('merge ended', { ...pass.counts() });
  } finally {
    asker.close();
    await sweep.ended();
  }
};

/**
 * Keeps the `Fleet` and `Rooms` tables true until shortly before `endsAt`, when Lambda stops it (ms).
 * Throws `LEASE_LOST`, and the stores' errors while it starts.
 */
export const createMergeRooms =
  (deps: MergeRoomsDeps) =>
  async ({ endsAt }: { endsAt: number }): Promise<MergeEnd> => {
    const loopEndsAt = endsAt - MERGE_END_MS;
    const lease = await takeLease(deps, loopEndsAt);
    if (lease === undefined) return 'held';
    try {
      await merge(deps, lease, loopEndsAt);
      return 'merged';
    } finally {
      await lease.release();
      deps.log.flush();
    }
  };
