import { MERGE_END_MS, MERGE_FLUSH_MS, MERGE_INTERVAL_MS } from '../domain/limits.ts';
import type { HeldLease, LeaseDeps } from '../lease.ts';
import { type AskDeps, createAsker } from './ask.ts';
import { takeLease } from './lease.ts';
import { openMergePass, type PassDeps } from './pass.ts';
import { createMergeReport } from './report.ts';
import { createFleetSweep, type FleetSweepDeps } from './sweep.ts';

export interface MergeRoomsDeps extends AskDeps, LeaseDeps, PassDeps, FleetSweepDeps {}

/** `held`: another merge works, so there was nothing to do. */
export type MergeEnd = 'merged' | 'held';

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
      await clock.sleep(Math.max(0, beganAt + MERGE_INTERVAL_MS - clock.now()));
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
