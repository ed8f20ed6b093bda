import type { Clock } from '../clock.ts';
import type { Comet } from '../domain/fleet.ts';
import { SWEEP_INTERVAL_MS } from '../domain/limits.ts';
import { ServiceError } from '../errors.ts';
import type { MergeReport } from './report.ts';

export interface FleetSweepDeps {
  /** Wakes a redelivery for each comet that is behind and is meant; answers how many could not be woken. Rejects with the store's errors. */
  readonly sweep: (isMeant: (comet: string) => boolean) => Promise<number>;
  readonly clock: Clock;
}

/**
 * For comets that come and go: what waits for one is to go out soon after it has come, and to be given up a minute after it went, and
 * `dispatch` wakes nobody for one that is not there.
 */
export interface FleetSweep {
  /** Begins one beside the merge, if it is time. */
  begin(live: readonly Comet[]): void;
  /** Once none is under way. */
  ended(): Promise<void>;
}

const idsOf = (comets: readonly Comet[]): ReadonlySet<string> => new Set(comets.map(({ id }) => id));

export const createFleetSweep = ({ sweep, clock }: FleetSweepDeps, report: MergeReport): FleetSweep => {
  let begunAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;
  /** Who was live when the last two began: what a `dispatch` parks that has not seen a comet come is found by the second one. */
  let liveAt: [before: ReadonlySet<string>, last: ReadonlySet<string>] = [new Set(), new Set()];

  const run = async (known: ReadonlySet<string>): Promise<void> => {
    try {
      const failed = await sweep((comet) => !known.has(comet));
      const problem = failed === 0 ? undefined : 'redeliver could not be woken';
      report.state('sweep', problem, { comets: failed });
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : 'UNEXPECTED';
      report.state('sweep', 'a step of the merge failed', { code });
    }
    underWay = undefined;
  };

  return {
    begin: (live) => {
      if (underWay !== undefined || clock.now() - begunAt < SWEEP_INTERVAL_MS) return;
      begunAt = clock.now();
      const [known, last] = liveAt;
      liveAt = [last, idsOf(live)];
      underWay = run(known);
    },
    ended: async () => underWay,
  };
};
