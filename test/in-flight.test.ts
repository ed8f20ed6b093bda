import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInFlight } from '../lib/in-flight.ts';

test('never has more items or bytes in flight than allowed, and loses no work', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.scheduler(), async (works, scheduler) => {
      const inFlight = createInFlight(3, 10);
      const running: number[] = [];
      const started: number[] = [];
      const all = Promise.all(
        works.map((bytes, index) =>
          inFlight.run(bytes, async () => {
            started.push(index);
            running.push(bytes);
            const total = running.reduce((sum, size) => sum + size, 0);
            expect(running.length === 1 || (running.length <= 3 && total <= 10)).toBe(true);
            await scheduler.schedule(Promise.resolve(), String(index));
            running.splice(running.indexOf(bytes), 1);
          }),
        ),
      );
      await scheduler.waitFor(all);
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
