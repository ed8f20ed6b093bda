import { expect, test } from 'vitest';
import { batchWork } from '../../../bench/cost/batch-work.ts';
import { batchesOf } from '../../../bench/cost/batches.ts';
import { FIGURES, set } from './set.ts';

test('deliver takes a comet’s answer and its CPU, dispatch what it waits for and its own', () => {
  const { comets, dispatchS, deliverS } = batchWork(FIGURES, set(), 100);
  expect(comets).toBe(1);
  // 100 + 100 × 10 µs on 0.5 GB of the 1,769 MB that have a vCPU.
  expect(deliverS).toBeCloseTo(0.007 + 0.0011 * (1769 / 512), 9);
  // 100 × 2 µs of records, 99 + 100 µs and 1 of the Invoke, on 1 GB.
  expect(dispatchS).toBeCloseTo(0.005 + 0.012 + deliverS + 0.0004 * (1769 / 1024), 9);
});

test('inline, dispatch does both and there is no deliver', () => {
  const { dispatchS, deliverS } = batchWork(FIGURES, set({ delivery: 'inline' }), 100);
  expect(deliverS).toBe(0);
  expect(dispatchS).toBeCloseTo(0.005 + 0.007 + 0.0013 * (1769 / 1024), 9);
});

test('comets beyond 50 wait for their turn', () => {
  const free = Object.fromEntries(Object.keys(FIGURES).map((id) => [id, 0])) as typeof FIGURES;
  const { dispatchS } = batchWork(free, set({ comets: 100, push: 0, all: 1 }), 1);
  expect(dispatchS).toBeCloseTo(0.005 + 2 * (0.012 + 0.007), 9);
});

test('a batch has its first record, and what comes in the window', () => {
  const { records, perS, everyS } = batchesOf(FIGURES, set({ push: 100 }));
  expect(records).toBeCloseTo(101, 6);
  expect(perS).toBeCloseTo(100 / 101, 6);
  expect(everyS).toBeCloseTo(1.01, 6);
});

test('without a window, a batch has what comes while the one before is under way', () => {
  const { records, dispatchS } = batchesOf(FIGURES, set({ push: 100, windowS: 0 }));
  expect(records).toBeCloseTo(1 + 100 * dispatchS, 6);
});

test('a batch has 1,000 records at most', () => {
  expect(batchesOf(FIGURES, set({ push: 10_000 }))).toMatchObject({ records: 1000, perS: 10, everyS: 0.1 });
});

test('as many partitions are needed as full batches take', () => {
  const workload = set({ push: 100_000 });
  const { dispatchS } = batchWork(FIGURES, workload, 1000);
  expect(dispatchS).toBeGreaterThan(0.06);
  expect(dispatchS).toBeLessThan(0.07);
  expect(batchesOf(FIGURES, workload)).toMatchObject({ partitionsNeeded: 7, sandboxes: 7 });
});
