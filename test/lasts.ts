import { setImmediate as turn } from 'node:timers/promises';
import { vi } from 'vitest';

const STEP_MS = 500;

/** How long a call lasts that only a timer ends, in faked time, and what it rejects with. */
export const lasts = async (
  call: () => Promise<unknown>,
): Promise<{ readonly ms: number; readonly failure: unknown }> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let failure: unknown;
    call().catch((error: unknown) => {
      failure = error;
    });
    while (vi.getTimerCount() === 0) await turn();
    let ms = 0;
    while (failure === undefined) {
      await vi.advanceTimersByTimeAsync(STEP_MS);
      ms += STEP_MS;
      await turn();
    }
    return { ms, failure };
  } finally {
    vi.useRealTimers();
  }
};
