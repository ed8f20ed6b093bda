import type { Scope } from './scope.ts';

/** Places for calls in flight, taken in the order they were asked for. */
export interface Slots {
  /** Undefined: it is taken at once. False: the scope ended first, and nothing is taken. */
  take(scope: Scope): Promise<boolean> | undefined;
  give(): void;
}

interface Waiting {
  hasLeft: boolean;
  readonly start: () => void;
}

export const createSlots = (count: number): Slots => {
  const waiting: Waiting[] = [];
  let free = count;
  const wait = (scope: Scope): Promise<boolean> =>
    new Promise((resolve) => {
      const start = (): void => {
        scope.offAbort(leave);
        resolve(true);
      };
      const one: Waiting = { hasLeft: false, start };
      const leave = (): void => {
        one.hasLeft = true;
        resolve(false);
      };
      waiting.push(one);
      scope.onAbort(leave);
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
