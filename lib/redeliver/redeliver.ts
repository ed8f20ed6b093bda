import { MAX_INVOKES, REDELIVER_END_MS } from '../domain/limits.ts';
import type { Mark } from '../domain/mark.ts';
import type { Wake } from '../domain/wake.ts';
import { createInFlight } from '../in-flight.ts';
import { type RedeliverCometDeps, type RedeliverEnd, redeliverComet } from './comet.ts';

export interface RedeliverDeps extends RedeliverCometDeps {
  readonly behind: RedeliverCometDeps['behind'] & {
    /** Every mark. Consistent: rejects with the store's errors. */
    scan(): Promise<readonly Mark[]>;
  };
  /** Starts a redelivery of a comet, which is not waited for. */
  readonly wake: (wake: Wake) => Promise<void>;
}

/** `swept`: every comet that is behind has been woken. */
export type Redeliver = (wake: Wake | undefined, endsAt: number) => Promise<RedeliverEnd | 'swept'>;

/** Finds what no wake has reached: its `dispatch` died, the comet was unknown then, or a redelivery ended early. */
const sweep = async ({ behind, wake, log }: RedeliverDeps): Promise<'swept'> => {
  const marksByComet = Map.groupBy(await behind.scan(), ({ comet }) => comet);
  const inFlight = createInFlight(MAX_INVOKES, Number.POSITIVE_INFINITY);
  const woken = [...marksByComet].map(([comet, marks]) =>
    inFlight.run(0, () => wake({ comet, partitions: marks.map(({ partition }) => partition) })),
  );
  const failed = (await Promise.allSettled(woken)).filter(({ status }) => status === 'rejected').length;
  if (failed > 0) log.warn('redeliver could not be woken', { comets: failed });
  return 'swept';
};

/** With a wake, brings one comet up to date, or tells who does; without, wakes one for each comet that is behind. `endsAt` (ms) is when Lambda stops it. */
export const createRedeliver =
  (deps: RedeliverDeps): Redeliver =>
  (wake, endsAt) =>
    wake === undefined ? sweep(deps) : redeliverComet(deps, wake, endsAt - REDELIVER_END_MS);
