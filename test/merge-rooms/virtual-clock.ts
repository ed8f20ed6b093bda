import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';

/** Time that passes only while nothing but time is waited for. */
export interface VirtualClock extends Clock {
  /** Does something at a time; what is set up first comes first. */
  at(time: number, action: () => void): void;
  /** Work that time waits for, such as a call to a real server. */
  busy<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until the work ends. */
  run<T>(work: Promise<T>): Promise<T>;
}

export const createVirtualClock = (start: number): VirtualClock => {
  let now = start;
  let working = 0;
  let sleepers: { at: number; wake: () => void }[] = [];

  const wakeNext = (): void => {
    const next = sleepers.reduce<(typeof sleepers)[number] | undefined>(
      (first, sleeper) => (first === undefined || sleeper.at < first.at ? sleeper : first),
      undefined,
    );
    if (next === undefined) throw new Error('nothing is left to wait for');
    sleepers = sleepers.filter((sleeper) => sleeper !== next);
    now = Math.max(now, next.at);
    next.wake();
  };

  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
    at: (time, action) => {
      sleepers.push({ at: time, wake: action });
    },
    busy: async (work) => {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
      }
    },
    run: async (work) => {
      let done = false;
      const end = (): void => {
        done = true;
      };
      work.then(end, end);
      while (!done) {
        await turn();
        // What yields to the event loop goes on by itself.
        const isYielding = process.getActiveResourcesInfo().includes('Immediate');
        if (!done && working === 0 && !isYielding) wakeNext();
      }
      return work;
    },
  };
};
