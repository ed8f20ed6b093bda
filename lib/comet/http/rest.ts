import { MAX_RETRY_AFTER_MS } from '../../domain/limits.ts';

/** A comet that is busy and names no time is asked again after this long, and twice that after each further refusal. */
const FIRST_BACK_OFF_MS = 200;
const LAST_BACK_OFF_MS = 5_000;

/** How long a comet that said "not now" is left alone. */
export interface Rest {
  leftMs(): number;
  /** Whether the comet named the time itself. */
  isAsked(): boolean;
  /** `retryAfterMs`: what the comet said, if it did. */
  begin(retryAfterMs: number | undefined): void;
  end(): void;
}

export const createRest = (now: () => number): Rest => {
  let until = 0;
  let isAsked = false;
  let refusals = 0;
  return {
    leftMs: () => Math.max(0, until - now()),
    isAsked: () => isAsked,
    begin: (retryAfterMs) => {
      isAsked = retryAfterMs !== undefined;
      const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** refusals, LAST_BACK_OFF_MS);
      refusals += 1;
      until = now() + Math.min(retryAfterMs ?? backOffMs, MAX_RETRY_AFTER_MS);
    },
    end: () => {
      refusals = 0;
    },
  };
};
