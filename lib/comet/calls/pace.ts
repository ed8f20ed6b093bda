import type { Scope } from './scope.ts';

/**
 * Keeps apart the calls of one lane, a room or broadcasts: a comet swaps calls that arrive close together, and drops silently
 * what a connection's small queue does not hold. The first calls after a pause do not wait.
 */
export interface Pace {
  /** Resolves when the next call of these lanes may go; ends early with the scope. */
  turn(lanes: readonly string[], scope: Scope): Promise<void>;
  answered(lane: string): void;
}

export interface PaceLimits {
  /** Between an answer and the next call, ms. */
  readonly gapMs: number;
  /** Calls after a rest that keep no other distance. */
  readonly burstCalls: number;
  /** Between calls after such a burst, ms. */
  readonly callEveryMs: number;
}

interface Lane {
  /** When the burst is over if nothing more comes, ms. */
  freeAt: number;
  answeredAt: number;
}

/** Lanes of the last moments only: two generations, the older of which is forgotten at each turn. */
const createLanes = ({ gapMs, burstCalls, callEveryMs }: PaceLimits) => {
  // A lane that rested this long is as good as new.
  const keptMs = 2 * burstCalls * callEveryMs;
  let young = new Map<string, Lane>();
  let old = new Map<string, Lane>();
  let turnedAt = 0;
  return (name: string, now: number): Lane => {
    if (now - turnedAt > keptMs) {
      old = now - turnedAt > 2 * keptMs ? new Map() : young;
      young = new Map();
      turnedAt = now;
    }
    const lane = young.get(name) ?? old.get(name) ?? { freeAt: 0, answeredAt: -gapMs };
    young.set(name, lane);
    return lane;
  };
};

/** `now` is a clock in ms, with fractions. */
export const createPace = (now: () => number, limits: PaceLimits): Pace => {
  const { gapMs, burstCalls, callEveryMs } = limits;
  const laneOf = createLanes(limits);
  const slack = (burstCalls - 1) * callEveryMs;
  return {
    turn: async (names, scope) => {
      const asked = now();
      const lanes = names.map((name) => laneOf(name, asked));
      let startAt = asked;
      for (const { freeAt, answeredAt } of lanes)
        startAt = Math.max(startAt, freeAt - slack, answeredAt + gapMs);
      for (const lane of lanes) lane.freeAt = Math.max(lane.freeAt, startAt) + callEveryMs;
      // Timers may fire a little early.
      for (let left = startAt - asked; left > 0 && scope.stopped === undefined; left = startAt - now()) {
        await scope.wait(Math.ceil(left));
      }
    },
    answered: (name) => {
      const time = now();
      laneOf(name, time).answeredAt = time;
    },
  };
};
