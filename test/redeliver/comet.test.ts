import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  PROBE_FIRST_MS,
  REDELIVER_LINGER_MS,
  REDELIVER_LISTEN_MS,
  REDELIVER_PARTITIONS,
} from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { toKeys, toRoom } from '../parking/ops.ts';
import { openRig, type Rig, START } from '../parking/rig.ts';

const WAKE = { comet: 'a', partitions: ['t-0'] };
const unanswered = () => new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
  await rig.join({ id: 'a', addresses: ['http://a'] });
  await rig.mergedAt(START);
});
afterEach(() => rig.close());

/** The lease's store, with the number of renewals, the first of which may fail. */
const leasesOf = (failures = 0) => {
  const { leases } = rig.deps();
  const counted = { renewals: 0 };
  const renew: typeof leases.renew = async (lease) => {
    counted.renewals += 1;
    if (counted.renewals <= failures) throw unanswered();
    return leases.renew(lease);
  };
  return { counted, leases: { ...leases, renew } };
};

describe('a redelivery', () => {
  test('works on the partitions that it is woken for, though the index does not name them yet', async () => {
    await rig.park('a', [toRoom(1)]);
    const { behind } = rig.deps();
    const partitionsOf = async () => [];
    expect(await rig.redeliver(WAKE, { behind: { ...behind, partitionsOf } })).toBe('caught-up');
    expect(rig.delivered()).toEqual([1]);
  });

  test('stays on a partition until it has caught up, before it begins another', async () => {
    const partitions = [...Array(REDELIVER_PARTITIONS + 1).keys()];
    const last = REDELIVER_PARTITIONS;
    for (const offset of [1, 2])
      await rig.park(
        'a',
        partitions.filter((n) => n !== last || offset === 1).map((n) => toRoom(offset, 'r', n)),
      );
    const { parked } = rig.deps();
    const read: typeof parked.read = async (...args) => {
      const { runs, complete } = await parked.read(...args);
      return { runs: runs.slice(0, 1), complete: complete && runs.length <= 1 };
    };
    const wake = { comet: 'a', partitions: partitions.map((n) => `t-${n}`) };
    await rig.redeliver(wake, { parked: { ...parked, read } });
    const order = rig.calls.flatMap(({ ids }) => ids);
    expect(order.indexOf(`t/${last}/1`)).toBeGreaterThan(order.findIndex((id) => id.endsWith('/2')));
  });

  test('ends with what nobody foresaw', async () => {
    await rig.park('a', [toRoom(1)]);
    const { parked } = rig.deps();
    const read = () => Promise.reject(new TypeError('a bug'));
    await expect(rig.redeliver(WAKE, { parked: { ...parked, read } })).rejects.toThrow(TypeError);
  });

  test('fails if the store does while it starts', async () => {
    const { behind } = rig.deps();
    const partitionsOf = () => Promise.reject(unanswered());
    await expect(rig.redeliver(WAKE, { behind: { ...behind, partitionsOf } })).rejects.toMatchObject({
      code: 'STORE_UNANSWERED',
    });
  });

  test('gives nobody up while no merge has ever said who is there', async () => {
    await rig.park('gone', [toKeys(1, ['k'])]);
    rig.now += 600_000;
    const { fleet } = rig.deps();
    const readHeader = async () => undefined;
    const gone = { comet: 'gone', partitions: ['t-0'] };
    expect(await rig.redeliver(gone, { fleet: { ...fleet, readHeader } })).toBe('behind');
    expect(await rig.letters()).toEqual([]);
  });
});

describe('what a redelivery counts', () => {
  test('is the age of the oldest op that is parked', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.now += 2_000;
    await rig.park('a', [toRoom(2)]);
    rig.now += 3_000;
    await rig.redeliver(WAKE);
    expect(rig.log.metrics['ParkedAgeMs']).toBe(5_000);
  });

  test('is what was delivered and dropped, and nothing that was not', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = (ops) => ops.map(() => ({ status: 'dropped', reason: 'refused' }));
    await rig.redeliver(WAKE);
    expect(rig.log.metrics).toEqual({ Parked: 1, ParkedAgeMs: 0, DeadLetters: 1, DroppedRefused: 1 });
    await rig.park('a', [toRoom(2)]);
    rig.answer = (ops) => ops.map(() => DELIVERED);
    await rig.redeliver(WAKE);
    expect(rig.log.metrics).toEqual({
      Parked: 2,
      ParkedAgeMs: 0,
      DeadLetters: 1,
      DroppedRefused: 1,
      Redelivered: 1,
    });
  });

  test('is written out when a minute has passed, and not before', async () => {
    await rig.park('a', [toRoom(1)]);
    const flushedAfterMs: number[] = [];
    rig.answer = (ops) => {
      rig.now += 1_000;
      const isDown = rig.now < START + 150_000;
      return ops.map(() => (isDown ? undelivered('COMET_UNREACHABLE') : DELIVERED));
    };
    const flush = () => void flushedAfterMs.push(rig.now - START);
    await rig.redeliver(WAKE, { log: { ...rig.log, flush } });
    expect(flushedAfterMs.length).toBe(2);
    expect(flushedAfterMs[0]).toBeGreaterThan(60_000);
    expect(flushedAfterMs[0]).toBeLessThan(70_000);
  });
});

test('of a page only the runs that the comet took a part of are written anew', async () => {
  for (const offsets of [[1], [2, 3], [4, 5]])
    await rig.park(
      'a',
      offsets.map((offset) => toRoom(offset)),
    );
  const { parked } = rig.deps();
  const rewritten: string[][] = [];
  const rewrite: typeof parked.rewrite = async (run) => {
    rewritten.push(run.ops.map(({ id }) => id));
    await parked.rewrite(run);
  };
  let isFirst = true;
  rig.answer = (ops) => {
    const outcomes = ops.map((_, at) => (!isFirst || at < 2 ? DELIVERED : undelivered('COMET_UNREACHABLE')));
    isFirst = false;
    return outcomes;
  };
  await rig.redeliver(WAKE, { parked: { ...parked, rewrite } });
  expect(rewritten).toEqual([['t/0/3']]);
});

/** While a redelivery lingers. */
const LISTENS = REDELIVER_LINGER_MS / REDELIVER_LISTEN_MS;

describe('the lease of a redelivery', () => {
  test('is not renewed within a second, nor later than that', async () => {
    for (const offset of [1, 2]) await rig.park('a', [toRoom(offset, 'r', offset)]);
    const { counted, leases } = leasesOf();
    const wake = { comet: 'a', partitions: ['t-1', 't-2'] };
    await rig.redeliver(wake, { leases });
    expect(counted.renewals).toBe(LISTENS);
    await rig.park('a', [toRoom(3)]);
    const { parked } = rig.deps();
    const read: typeof parked.read = async (...args) => {
      rig.now += 1_000;
      return parked.read(...args);
    };
    await rig.redeliver(WAKE, { leases, parked: { ...parked, read } });
    expect(counted.renewals).toBe(1 + 2 * LISTENS);
  });

  test('lets no call begin while it runs low, and the work goes on once it is renewed', async () => {
    for (const offset of [1, 2]) await rig.park('a', [toRoom(offset)]);
    const { counted, leases } = leasesOf(4);
    const { parked } = rig.deps();
    const read: typeof parked.read = async (...args) => {
      const { runs, complete } = await parked.read(...args);
      return { runs: runs.slice(0, 1), complete: complete && runs.length <= 1 };
    };
    const renewalsByCall: number[] = [];
    rig.answer = (ops) => {
      if (renewalsByCall.push(counted.renewals) === 1) rig.now += 21_000;
      return ops.map(() => DELIVERED);
    };
    expect(await rig.redeliver(WAKE, { leases, parked: { ...parked, read } })).toBe('caught-up');
    expect([rig.delivered(), renewalsByCall]).toEqual([
      [1, 2],
      [0, 6],
    ]);
    expect(rig.pauses()).toEqual(Array(4).fill(PROBE_FIRST_MS));
  });

  test('that is not free to be released, for somebody was woken, is gone on with at once', async () => {
    await rig.park('a', [toRoom(1)]);
    const { leases } = rig.deps();
    let isFirst = true;
    const release: typeof leases.release = async (...args) => {
      if (isFirst) {
        isFirst = false;
        await rig.park('a', [toRoom(2, 'r', 1)]);
        await leases.wake('redeliver#a', ['t-1']);
      }
      return leases.release(...args);
    };
    expect(await rig.redeliver(WAKE, { leases: { ...leases, release } })).toBe('caught-up');
    expect([rig.delivered(), rig.pauses()]).toEqual([[1, 2], []]);
  });
});

describe('the sweep', () => {
  test('counts the comets that could not be woken', async () => {
    for (const comet of ['a', 'b', 'c']) await rig.park(comet, [toRoom(1)]);
    rig.log.lines.length = 0;
    const wake = async ({ comet }: { readonly comet: string }) => {
      if (comet === 'b') throw unanswered();
    };
    await rig.redeliver(undefined, { wake });
    expect(rig.log.lines).toEqual([
      { level: 'warn', message: 'redeliver could not be woken', fields: { comets: 1 } },
    ]);
  });

  test('says nothing when all were', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.log.lines.length = 0;
    await rig.redeliver();
    expect(rig.log.lines).toEqual([]);
  });
});
