/** Runs work in the order it was asked for, with at most `maxItems` and `maxBytes` at once; one larger than that runs alone. */
export interface InFlight {
  run<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

export const createInFlight = (maxItems: number, maxBytes: number): InFlight => {
  const waiting: { bytes: number; start: () => void }[] = [];
  let items = 0;
  let total = 0;

  const fits = (bytes: number): boolean => items === 0 || (items < maxItems && total + bytes <= maxBytes);

  const startNext = (): void => {
    const next = waiting[0];
    if (next === undefined || !fits(next.bytes)) return;
    waiting.shift();
    items += 1;
    total += next.bytes;
    next.start();
    startNext();
  };

  return {
    run: async (bytes, work) => {
      await new Promise<void>((start) => {
        waiting.push({ bytes, start });
        startNext();
      });
      try {
        return await work();
      } finally {
        items -= 1;
        total -= bytes;
        startNext();
      }
    },
  };
};
