/** One of several that can take each other's place: an address of a comet, a node of a registry. */
export interface Candidate<T> {
  readonly value: T;
  failures: number;
  /** Not tried first again before this, ms. */
  backOffUntil: number;
}

export interface Health<T> {
  /** The first one that is not backing off, in the order given; then the others, those that end it soonest first. */
  inOrder(): Candidate<T>[];
  note(candidate: Candidate<T>, failed: boolean): void;
}

const FIRST_BACK_OFF_MS = 1_000;
const MAX_BACK_OFF_MS = 30_000;

export const createHealth = <T>(values: readonly T[], now: () => number): Health<T> => {
  const candidates: Candidate<T>[] = values.map((value) => ({ value, failures: 0, backOffUntil: 0 }));
  return {
    inOrder: () => {
      const time = now();
      const rank = ({ backOffUntil }: Candidate<T>): number => (backOffUntil <= time ? 0 : backOffUntil);
      return candidates.toSorted((a, b) => rank(a) - rank(b));
    },
    note: (candidate, failed) => {
      candidate.failures = failed ? candidate.failures + 1 : 0;
      const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (candidate.failures - 1), MAX_BACK_OFF_MS);
      candidate.backOffUntil = failed ? now() + backOffMs : 0;
    },
  };
};
