import type { Clock } from '../clock.ts';
import type { Outcome } from '../domain/outcome.ts';

/** How long a comet that said "not now" is left alone. */
export interface Rest {
  isOver(): boolean;
  /** Until when, ms since 1970. */
  heed(retryAt: number): void;
  /** What the comet said to some of its ops. */
  answered(outcomes: readonly Outcome[]): void;
}

export const createRest = ({ now }: Clock): Rest => {
  let until = 0;
  const heed = (retryAt: number): void => {
    until = Math.max(until, retryAt);
  };
  return {
    isOver: () => now() >= until,
    heed,
    answered: (outcomes) => {
      for (const outcome of outcomes)
        if (outcome.status === 'undelivered') heed(now() + (outcome.retryAfterMs ?? 0));
    },
  };
};
