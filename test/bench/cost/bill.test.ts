import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiGatewayBill } from '../../../bench/cost/api-gateway.ts';
import { DELIVER_GB, DISPATCH_GB } from '../../../bench/cost/batch-work.ts';
import { ALARMS, MERGE_MIB, mergeMib, REDELIVER_GB } from '../../../bench/cost/bill.ts';
import { simulate } from '../../../bench/cost/simulate.ts';
import { FIGURES, set } from './set.ts';

describe('a month', () => {
  test('idle', () => {
    const { bill, totalDollars } = simulate(FIGURES, set({ push: 0 }));
    // 0.25 GB for 2,592,000 s, and 43,200 requests.
    expect(bill.mergeRooms).toBeCloseTo(8.64 + 0.00864, 3);
    expect(bill.redeliver).toBeCloseTo(43_200 * (0.2e-6 + 0.025 * 0.5 * 0.0000133334), 6);
    expect(bill.dynamoDb).toBeCloseTo(3.24 + 0.0702, 4);
    expect(bill.alarms).toBeCloseTo(14 * 0.1 + 5 * 0.3, 10);
    expect(bill.dispatch + bill.deliver).toBe(0);
    expect(totalDollars).toBeCloseTo(14.88, 2);
  });

  test('busy, each batch is an invocation of dispatch, and one of deliver a comet', () => {
    // Full batches, 10 a second.
    const { bill, batches } = simulate(FIGURES, set({ push: 10_000 }));
    const month = 10 * 2_592_000;
    expect(bill.dispatch).toBeCloseTo(month * (0.2e-6 + batches.dispatchS * 0.0000133334), 6);
    expect(bill.deliver).toBeCloseTo(month * (0.2e-6 + batches.deliverS * 0.5 * 0.0000133334), 6);
    expect(bill.logs).toBeCloseTo(0.5 * ((month * 1_850 + 43_200 * 350) / 1e9), 6);
  });

  test('of API Gateway is its messages, cheaper beyond a billion, and its connections’ minutes', () => {
    // 43.2 million minutes.
    expect(apiGatewayBill(set({ push: 1 }))).toBeCloseTo(10.8 + 2.592, 6);
    expect(apiGatewayBill(set({ push: 1_000 }))).toBeCloseTo(10.8 + 1_000 + 1_592 * 0.8, 6);
  });
});

test('the functions’ memory and the alarms are those of serverless.yml', () => {
  const yaml = readFileSync('serverless.yml', 'utf8');
  const memoryOf = (name: string) =>
    Number(new RegExp(`\\n  ${name}:\\n[^]*?memorySize: (\\d+)`).exec(yaml)?.[1]);
  expect(['dispatch', 'deliver', 'redeliver', 'mergeRooms'].map(memoryOf)).toEqual(
    [DISPATCH_GB, DELIVER_GB, REDELIVER_GB, MERGE_MIB / 1024].map((gb) => 1024 * gb),
  );
  expect(yaml.match(/^ {4}\w+Alarm:$/gm)).toHaveLength(ALARMS);
});

test('mergeRooms has the memory that was measured for as many rooms, in steps of 256 MiB', () => {
  const alone = (rooms: number) => mergeMib(FIGURES, set({ connections: 1e9, comets: 3, rooms }));
  expect([100, 100_000, 100_001, 1_000_000].map(alone)).toEqual([256, 256, 768, 768]);
  expect(mergeMib(FIGURES, set({ connections: 1e9, comets: 30, rooms: 1_000_000 }))).toBe(7_168);
});

/** A rate, in hundredths. */
const upTo = (max: number) => fc.integer({ min: 0, max: max * 100 }).map((hundredths) => hundredths / 100);

const workloads = fc.record({
  connections: fc.integer({ min: 1, max: 10_000_000 }),
  comets: fc.integer({ min: 1, max: 1_000 }),
  push: upTo(1_000_000),
  room: upTo(1_000_000),
  all: upTo(100),
  rooms: fc.integer({ min: 1, max: 1_000_000 }),
  roomChanges: upTo(10_000),
  partitions: fc.integer({ min: 1, max: 10_000 }),
  sandboxes: fc.integer({ min: 1, max: 100 }),
  windowS: upTo(300),
  delivery: fc.constantFrom<('invoke' | 'inline')[]>('invoke', 'inline'),
});

/** Each number of an answer, at any depth. */
const numbersOf = (value: unknown): number[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(numbersOf)
    : typeof value === 'number'
      ? [value]
      : [];

describe('any set', () => {
  test('comes to numbers, none of them below 0', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const { batches, ...rest } = simulate(FIGURES, workload);
        const { everyS, ...finite } = batches;
        expect(everyS).toBeGreaterThan(0);
        const wrong = numbersOf({ ...rest, finite }).filter((n) => !Number.isFinite(n) || n < 0);
        expect(wrong).toEqual([]);
        expect(finite.comets).toBeLessThanOrEqual(workload.comets * (1 + 1e-9));
      }),
    );
  });

  test('costs no less than one that is idle, and the same each time', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const busy = simulate(FIGURES, workload);
        const idle = simulate(FIGURES, { ...workload, push: 0, room: 0, all: 0 });
        expect(busy.totalDollars).toBeGreaterThanOrEqual(idle.totalDollars);
        expect(simulate(FIGURES, workload)).toEqual(busy);
      }),
    );
  });

  test('costs more with more messages, while its window is longer than a batch takes', () => {
    const steady = workloads.map((any) => ({ ...any, comets: 20, windowS: 1, sandboxes: 10 }));
    const rate = upTo(1_000);
    fc.assert(
      fc.property(steady, rate, rate, fc.constantFrom('push', 'room', 'all'), (any, less, more, kind) => {
        const quiet = { ...any, push: 0, room: 0, all: 0, [kind]: Math.min(less, more) };
        const busy = { ...quiet, [kind]: Math.max(less, more) };
        const [one, other] = [quiet, busy].map((workload) => simulate(FIGURES, workload).totalDollars);
        expect(other).toBeGreaterThanOrEqual((one ?? 0) * (1 - 1e-9));
      }),
    );
  });

  test('is dearer at API Gateway with each connection and message', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const { connections, push } = workload;
        const bill = apiGatewayBill(workload);
        expect(apiGatewayBill({ ...workload, connections: connections + 1 })).toBeGreaterThan(bill);
        expect(apiGatewayBill({ ...workload, push: push + 1 })).toBeGreaterThan(bill);
      }),
    );
  });
});
