import { expect, test } from 'vitest';
import { simulate } from '../../../bench/cost/simulate.ts';
import { FIGURES, set } from './set.ts';

test('a record waits for half of its window and its batch, the first of a batch for all of it', () => {
  const { batches, latencyMs } = simulate(FIGURES, set({ push: 100 }));
  expect(latencyMs.typical).toBeCloseTo(500 + 1000 * batches.dispatchS, 6);
  expect(latencyMs.most).toBeCloseTo(1000 + 1000 * batches.dispatchS, 6);
});

test('a batch that is full goes before its window has passed', () => {
  const { batches, latencyMs } = simulate(FIGURES, set({ push: 10_000 }));
  expect(latencyMs.most).toBeCloseTo(100 + 1000 * batches.dispatchS, 6);
});

test('as many functions work as are called a second, for as long as each takes', () => {
  const { batches, concurrency } = simulate(FIGURES, set({ comets: 100, push: 0, all: 10, windowS: 0.1 }));
  expect(concurrency.dispatch.mean).toBeCloseTo(batches.perS * batches.dispatchS, 10);
  expect(concurrency.deliver.mean).toBeCloseTo(batches.perS * 100 * batches.deliverS, 10);
});

test('at most each sandbox works, with 50 calls in flight', () => {
  const busy = set({ comets: 100, push: 0, all: 1, partitions: 3, sandboxes: 3 });
  expect(simulate(FIGURES, busy).concurrency).toMatchObject({
    dispatch: { most: 3 },
    deliver: { most: 150 },
  });
  const { deliver } = simulate(FIGURES, { ...busy, delivery: 'inline' }).concurrency;
  expect(deliver).toEqual({ mean: 0, most: 0 });
});
