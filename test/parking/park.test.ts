import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_RUN_BYTES } from '../../lib/domain/limits.ts';
import type { Mark } from '../../lib/domain/mark.ts';
import type { ParkedRun } from '../../lib/domain/parked-run.ts';
import { ServiceError } from '../../lib/errors.ts';
import { createPark, type ParkDeps } from '../../lib/parking/park.ts';
import { type RecordedLog, recordLog } from '../log.ts';
import { encoded, toKeys, toRoom } from './ops.ts';

const IN_FLEET = { inFleet: true, replayed: false };
const unanswered = () => new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });

let steps: string[];
let runs: ParkedRun[];
let marks: Mark[];
let isNew: boolean;
let log: RecordedLog;
let failing: Partial<Record<'put' | 'raise' | 'wake', Error>>;

const step = async (name: 'put' | 'raise' | 'wake', detail = ''): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve));
  steps.push(`${name}${detail}`);
  if (failing[name] !== undefined) throw failing[name];
};

const park = (
  ...args: Parameters<ReturnType<typeof createPark>>
): ReturnType<ReturnType<typeof createPark>> => {
  let random = 0;
  const deps: ParkDeps = {
    parked: {
      put: async (all) => {
        await step('put');
        runs.push(...all);
        return [];
      },
    },
    behind: {
      raise: async (mark, isInFleet) => {
        await step('raise', ` ${mark.partition}${isInFleet ? '' : ' not in the fleet'}`);
        marks.push(mark);
        return isNew;
      },
    },
    wake: ({ comet, partitions }) => step('wake', ` ${comet} ${partitions.join()}`),
    random: () => `random-${random++}`,
    now: () => 7,
    log,
  };
  return createPark(deps)(...args);
};

beforeEach(() => {
  steps = [];
  runs = [];
  marks = [];
  isNew = true;
  failing = {};
  log = recordLog();
});

describe('parking', () => {
  test('puts the ops, then raises the marks, then wakes: a mark without its ops would be deleted as done', async () => {
    await park('a', encoded(toRoom(1), toRoom(2, 'r', 1)), IN_FLEET);
    expect(steps).toEqual(['put', 'raise t-0', 'raise t-1', 'wake a t-0,t-1']);
  });

  test('marks each partition with its highest offset and a token of its own', async () => {
    await park('a', encoded(toRoom(1), toRoom(5), toRoom(3, 'r', 1)), IN_FLEET);
    expect(marks).toEqual([
      { comet: 'a', partition: 't-0', parkedThrough: 5, token: expect.any(String) },
      { comet: 'a', partition: 't-1', parkedThrough: 3, token: expect.any(String) },
    ]);
    expect(new Set(marks.map(({ token }) => token)).size).toBe(2);
  });

  test('marks the highest offset, in whatever order dead letters are replayed', async () => {
    await park('a', encoded(toRoom(9), toRoom(3), toRoom(5)), { inFleet: true, replayed: true });
    expect(marks.map(({ parkedThrough }) => parkedThrough)).toEqual([9]);
    expect(runs.map(({ replayed }) => replayed)).toEqual([true]);
  });

  test('gives the mark of the same offset another token each time, so that a delete can tell', async () => {
    const tokens = new Set<string>();
    const again = createPark({
      parked: { put: async () => [] },
      behind: { raise: async ({ token }) => tokens.add(token).size < 0 },
      wake: async () => {},
      now: () => 7,
      log,
    });
    for (let times = 0; times < 3; times++) await again('a', encoded(toRoom(1)), IN_FLEET);
    expect(tokens.size).toBe(3);
  });

  test('counts ops, not runs', async () => {
    await park('a', encoded(toRoom(1), toRoom(2), toRoom(3, 'r', 1)), IN_FLEET);
    expect(log.metrics['Parked']).toBe(3);
  });

  test('tells the table of a comet that is not in the fleet, or nobody would be woken when it comes', async () => {
    await park('a', encoded(toRoom(1)), { inFleet: false, replayed: false });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'a comet is not in the fleet: its ops wait for it',
        fields: { comet: 'a', partitions: ['t-0'] },
      },
    ]);
    expect(steps).toEqual(['put', 'raise t-0 not in the fleet']);
  });

  test('makes runs of one partition each, in order, whose keys sort as their offsets do', async () => {
    const body = Buffer.alloc(MAX_RUN_BYTES / 4).toString('base64');
    const ops = [9, 10, 11, 12, 13, 14].map((offset) => ({ ...toKeys(offset, ['k']), body }));
    await park('a', encoded(...ops), IN_FLEET);
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.flatMap((run) => run.ops)).toEqual(ops);
    expect(runs.map(({ run }) => run)).toEqual(runs.map(({ run }) => run).toSorted());
    expect(new Set(runs.map(({ run }) => run)).size).toBe(runs.length);
    expect(runs[0]).toMatchObject({ comet: 'a', partition: 't-0', parkedAt: 7, replayed: false });
    expect(runs[0]?.run).toMatch(/^0{19}9#random-\d+$/);
  });

  test('gives the same ops another key each time, so that a batch that comes again overwrites nothing', async () => {
    await park('a', encoded(toRoom(1)), IN_FLEET);
    const real = createPark({
      parked: {
        put: async (all) => {
          runs.push(...all);
          return [];
        },
      },
      behind: { raise: async () => false },
      wake: async () => {},
      now: () => 7,
      log,
    });
    await real('a', encoded(toRoom(1)), IN_FLEET);
    await real('a', encoded(toRoom(1)), IN_FLEET);
    expect(new Set(runs.map(({ run }) => run)).size).toBe(3);
  });

  test('answers what is too large, and marks only what is stored', async () => {
    const body = Buffer.alloc(MAX_RUN_BYTES).toString('base64');
    const large = { ...toKeys(9, ['k']), body };
    const real = createPark({
      parked: { put: async (all) => all.filter(({ ops }) => ops.includes(large)) },
      behind: {
        raise: async (mark) => {
          marks.push(mark);
          return false;
        },
      },
      wake: async () => {},
      now: () => 7,
      log,
    });
    expect(await real('a', encoded(toRoom(1), large, toRoom(3, 'r', 1)), IN_FLEET)).toEqual([large]);
    expect(marks.map(({ partition, parkedThrough }) => [partition, parkedThrough])).toEqual([
      ['t-0', 1],
      ['t-1', 3],
    ]);
    expect(log.metrics['Parked']).toBe(2);
  });

  test('raises no mark if the ops could not be put, and rejects', async () => {
    failing = { put: unanswered() };
    await expect(park('a', encoded(toRoom(1)), IN_FLEET)).rejects.toMatchObject({ code: 'STORE_UNANSWERED' });
    expect(steps).toEqual(['put']);
  });

  test('rejects if a mark could not be raised', async () => {
    failing = { raise: unanswered() };
    await expect(park('a', encoded(toRoom(1)), IN_FLEET)).rejects.toMatchObject({ code: 'STORE_UNANSWERED' });
  });

  test('wakes nobody for a mark that was there, nor for a comet that is not in the fleet', async () => {
    isNew = false;
    await park('a', encoded(toRoom(1)), IN_FLEET);
    isNew = true;
    await park('a', encoded(toRoom(1)), { inFleet: false, replayed: false });
    expect(steps.filter((one) => one.startsWith('wake'))).toEqual([]);
  });

  test.each([
    ['REDELIVER_UNREACHED', new ServiceError('REDELIVER_UNREACHED', 'no', { retryable: true })],
    ['UNEXPECTED', new TypeError('a bug')],
  ])('is done though nobody could be woken, %s: the sweep finds the mark', async (code, error) => {
    failing = { wake: error };
    await park('a', encoded(toRoom(1)), IN_FLEET);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'redeliver could not be woken, so the sweep does it',
        fields: { comet: 'a', code },
      },
    ]);
  });
});
