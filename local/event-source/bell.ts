/** Rings for whoever waits at that moment, and for nobody later. */
export interface Bell {
  readonly ring: () => void;
  readonly rung: () => Promise<void>;
}

export const createBell = (): Bell => {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => {
      next.resolve();
      next = Promise.withResolvers<void>();
    },
    rung: () => next.promise,
  };
};
