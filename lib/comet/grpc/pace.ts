import { ROOM_BURST_CALLS, ROOM_CALL_EVERY_MS, ROOM_GAP_MS } from '../../domain/limits.ts';
import type { Scope } from './scope.ts';

/**
 * Keeps apart the calls of one room, and broadcasts: a comet swaps calls that arrive close together, and drops silently
 * what a connection's small queue does not hold. The first calls after a pause do not wait.
 */
export interface Pace {
  /** Resolves when the next call of this room may go; ends early with the scope. */
  turn(room: string, scope: Scope): Promise<void>;
  answered(room: string): void;
}

interface Lane {
  /** When the burst is over if nothing more comes, ms. */
  freeAt: number;
  answeredAt: number;
}

/** A lane that rested this long is as good as new. */
const KEPT_MS = 2 * ROOM_BURST_CALLS * ROOM_CALL_EVERY_MS;

/** Lanes of the last moments only: two generations, the older of which is forgotten at each turn. */
const createLanes = () => {
  let young = new Map<string, Lane>();
  let old = new Map<string, Lane>();
  let turnedAt = 0;
  return (room: string, now: number): Lane => {
    if (now - turnedAt > KEPT_MS) {
      old = now - turnedAt > 2 * KEPT_MS ? new Map() : young;
      young = new Map();
      turnedAt = now;
    }
    const lane = young.get(room) ?? old.get(room) ?? { freeAt: 0, answeredAt: -ROOM_GAP_MS };
    young.set(room, lane);
    return lane;
  };
};

/** `now` is a clock in ms, with fractions. */
export const createPace = (now: () => number): Pace => {
  const laneOf = createLanes();
  const slack = (ROOM_BURST_CALLS - 1) * ROOM_CALL_EVERY_MS;
  return {
    turn: async (room, scope) => {
      const asked = now();
      const lane = laneOf(room, asked);
      const startAt = Math.max(asked, lane.freeAt - slack, lane.answeredAt + ROOM_GAP_MS);
      lane.freeAt = Math.max(lane.freeAt, startAt) + ROOM_CALL_EVERY_MS;
      // Timers may fire a little early.
      for (let left = startAt - asked; left > 0 && scope.stopped === undefined; left = startAt - now()) {
        await scope.wait(Math.ceil(left));
      }
    },
    answered: (room) => {
      const time = now();
      laneOf(room, time).answeredAt = time;
    },
  };
};
