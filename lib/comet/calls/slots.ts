import type { Abortable, Scope } from './scope.ts';

/** Places for calls in flight, taken in the order they were asked for. */
export interface Slots {
  /** Undefined: it is taken at once. False: the scope ended first, and nothing is taken. */
  take(scope: Scope): Promise<boolean> | undefined;
  give(): void;
}

interface Waiting extends Abortable {
  hasLeft: boolean;
  start(): void;
}

export const createSlots = (count: number): Slots => {
  const waiting: Waiting[] = [];
  let free = count;
  const wait = (scope: Scope): Promise<boolean> =>
    new Promise((resolve) => {
      const one: Waiting = {
        hasLeft: false,
        place: 0,
        start: () => {
          scope.remove(one);
          resolve(true);
        },
        abort: () => {
          one.hasLeft = true;
          resolve(false);
        },
      };
      waiting.push(one);
      scope.add(one);
    });
  return {
    take: (scope) => {
      if (free === 0) return wait(scope);
      free -= 1;
      return undefined;
    },
    give: () => {
      // Handed on, so that nobody who comes later can take it before.
      let next = waiting.shift();
      while (next?.hasLeft === true) next = waiting.shift();
      if (next === undefined) free += 1;
      else next.start();
    },
  };
};
