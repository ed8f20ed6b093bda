import { MAX_INVOKES } from '../domain/limits.ts';
import type { Mark } from '../domain/mark.ts';
import type { Wake } from '../domain/wake.ts';
import { createInFlight } from '../in-flight.ts';

export interface SweepDeps {
  readonly behind: {
    /** Every mark. Consistent: rejects with the store's errors. */
    scan(): Promise<readonly Mark[]>;
  };
  /** Starts a redelivery of a comet, which is not waited for. Rejects if nobody could be told. */
  readonly wake: (wake: Wake) => Promise<void>;
}

/** Wakes a redelivery for each comet that is behind and is meant; answers how many could not be woken. Rejects with the store's errors. */
export const sweep = async (
  { behind, wake }: SweepDeps,
  isMeant: (comet: string) => boolean = () => true,
): Promise<number> => {
  const marks = (await behind.scan()).filter(({ comet }) => isMeant(comet));
  const inFlight = createInFlight(MAX_INVOKES, Number.POSITIVE_INFINITY);
  const woken = [...Map.groupBy(marks, ({ comet }) => comet)].map(([comet, own]) =>
    inFlight.run(0, () => wake({ comet, partitions: own.map(({ partition }) => partition) })),
  );
  return (await Promise.allSettled(woken)).filter(({ status }) => status === 'rejected').length;
};
