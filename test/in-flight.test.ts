import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInFlight } from '../lib/in-flight.ts';

const MAX_ITEMS = 3;
const MAX_BYTES = 10;
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

test('has as much in flight as is allowed and never more, in the order asked for, and loses no work', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.scheduler(), async (works, scheduler) => {
      const inFlight = createInFlight(MAX_ITEMS, MAX_BYTES);
      const running: number[] = [];
      const started: number[] = [];
      const all = Promise.all(
        works.map((bytes, index) =>
          inFlight.run(bytes, async () => {
            started.push(index);
            running.push(bytes);
            await scheduler.schedule(Promise.resolve());
            running.splice(running.indexOf(bytes), 1);
          }),
        ),
      );
      const fits = (bytes: number): boolean =>
        running.length === 0 || (running.length < MAX_ITEMS && sum(running) + bytes <= MAX_BYTES);
      await turn();
      while (scheduler.count() > 0) {
        expect(running.length === 1 || (running.length <= MAX_ITEMS && sum(running) <= MAX_BYTES)).toBe(true);
        const next = works[started.length];
        expect(next !== undefined && fits(next)).toBe(false);
        await scheduler.waitOne();
        await turn();
      }
      await all;
      expect(started).toEqual(works.map((_, index) => index));
    }),
  );
});

test('goes on after work that fails', async () => {
  const inFlight = createInFlight(1, 10);
  const failing = inFlight.run(1, () => Promise.reject(new Error('no')));
  const next = inFlight.run(1, () => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('next');
});
