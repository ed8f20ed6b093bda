import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  GONE_AFTER_S,
  LEASE_MS,
  MAX_INVOKES,
  PARKED_MAX_AGE_S,
  PROBE_LAST_MS,
  REDELIVER_OPS,
  REDELIVER_RENEW_MS,
} from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { toAll, toKeys, toRoom } from '../parking/ops.ts';
import { openRig, type Rig, START } from '../parking/rig.ts';

const COMET = { id: 'a', addresses: ['http://a'] };
const WAKE = { comet: 'a', partitions: ['t-0'] };

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
  await rig.join(COMET);
  await rig.mergedAt(START);
});
afterEach(() => rig.close());

const marks = () => rig.behind.scan();
const leftInQueue = async (partition = 't-0') =>
  (await rig.parked.read('a', partition)).runs.flatMap(({ ops }) => ops.map(({ id }) => id));

describe('redeliver', () => {
  test('delivers parked ops in offset order, empties the queue, takes the mark away and frees its lease', async () => {
    await rig.park('a', [toRoom(1), toRoom(2)]);
    await rig.park('a', [toRoom(3), toKeys(4, ['k'])]);
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.delivered()).toEqual([1, 2, 3, 4]);
    expect([await leftInQueue(), await marks(), await rig.leases.read('redeliver#a')]).toEqual([
      [],
      [],
      undefined,
    ]);
  });

  test('finds the other partitions that its comet is behind on by itself', async () => {
    await rig.park('a', [toRoom(1), toRoom(2, 'r', 1), toRoom(3, 'r', 2)]);
    await rig.redeliver(WAKE);
    expect(rig.delivered().toSorted()).toEqual([1, 2, 3]);
    expect(await marks()).toEqual([]);
  });

  test('reads the queue again for what comes while it works', async () => {
    await rig.park('a', [toRoom(1)]);
    let comes = 2;
    rig.answer = async (ops) => {
      if (comes < 5) await rig.park('a', [toRoom(comes++)]);
      return ops.map(() => DELIVERED);
    };
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.delivered()).toEqual([1, 2, 3, 4]);
    expect([await leftInQueue(), await marks()]).toEqual([[], []]);
  });

  test('leaves the mark if something was parked after the queue was read', async () => {
    await rig.park('a', [toRoom(1)]);
    const { behind } = rig.deps();
    let isLate = true;
    const remove: typeof behind.remove = async (mark) => {
      if (isLate) await rig.park('a', [toRoom(2)]);
      isLate = false;
      return behind.remove(mark);
    };
    await rig.redeliver(WAKE, { behind: { ...behind, remove } });
    expect(rig.delivered()).toEqual([1, 2]);
    expect(await marks()).toEqual([]);
  });

  test('takes the mark away only once no page of the queue is left', async () => {
    for (const offset of [1, 2, 3]) await rig.park('a', [toRoom(offset)]);
    const { parked } = rig.deps();
    const read: typeof parked.read = async (...args) => {
      const { runs, complete } = await parked.read(...args);
      return { runs: runs.slice(0, 1), complete: complete && runs.length <= 1 };
    };
    rig.answer = async (ops) => {
      expect(await marks()).toHaveLength(1);
      return ops.map(() => DELIVERED);
    };
    expect(await rig.redeliver(WAKE, { parked: { ...parked, read } })).toBe('caught-up');
    expect(rig.delivered()).toEqual([1, 2, 3]);
    expect([await leftInQueue(), await marks()]).toEqual([[], []]);
  });

  test('passes over a run above the mark: its batch died before it was marked, and comes again with what is between', async () => {
    await rig.park('a', [toRoom(1)]);
    const run = { comet: 'a', partition: 't-0', parkedAt: START, replayed: false, run: '', ops: [toRoom(9)] };
    await rig.parked.put([{ ...run, run: '00000000000000000009#dead' }]);
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.delivered()).toEqual([1]);
    expect(await marks()).toEqual([]);
    await rig.park('a', [toRoom(5), toRoom(9)]);
    await rig.redeliver(WAKE);
    expect([...new Set(rig.delivered())]).toEqual([1, 5, 9]);
    expect(await leftInQueue()).toEqual([]);
  });

  test('sends at most a request’s ops at once', async () => {
    await rig.park(
      'a',
      Array.from({ length: REDELIVER_OPS + 1 }, (_, offset) => toRoom(offset)),
    );
    await rig.redeliver(WAKE);
    expect(rig.calls.map(({ ids }) => ids.length)).toEqual([REDELIVER_OPS, 1]);
  });

  test('has nothing to do for a comet that is not behind', async () => {
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.calls).toEqual([]);
  });
});

describe('a comet that fails', () => {
  test('is probed with growing pauses by one call at a time, and gets everything in order once it is back', async () => {
    for (const partition of [0, 1, 2])
      await rig.park('a', [toRoom(1, 'r', partition), toRoom(2, 'r', partition)]);
    let down = 12;
    rig.answer = (ops) => ops.map(() => (down > 0 ? undelivered('COMET_UNREACHABLE') : DELIVERED));
    const { deliverer } = rig.deps();
    let inFlight = 0;
    let most = 0;
    const calledAt: number[] = [];
    const counting: typeof deliverer = {
      deliver: async (...args) => {
        inFlight += 1;
        calledAt.push(rig.now);
        if (rig.sleeps.length > 0 && down > 0) most = Math.max(most, inFlight);
        const outcomes = await deliverer.deliver(...args);
        down -= 1;
        inFlight -= 1;
        return outcomes;
      },
    };
    expect(await rig.redeliver(WAKE, { deliverer: counting })).toBe('caught-up');
    expect(most).toBe(1);
    expect(rig.sleeps[0]).toBeLessThanOrEqual(200);
    const pauses = calledAt.slice(1).map((at, place) => at - (calledAt[place] as number));
    expect(Math.max(...pauses)).toBeGreaterThan(PROBE_LAST_MS / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(PROBE_LAST_MS);
    expect(await marks()).toEqual([]);
  });

  test('keeps what it took of a run, and the rest stays parked', async () => {
    await rig.park('a', [toRoom(1), toRoom(2), toRoom(3)]);
    let calls = 0;
    rig.answer = (ops) => {
      calls += 1;
      return ops.map((_, at) => (calls > 1 || at === 0 ? DELIVERED : undelivered('COMET_UNREACHABLE')));
    };
    await rig.redeliver(WAKE);
    expect(rig.calls.map(({ ids }) => ids)).toEqual([
      ['t/0/1', 't/0/2', 't/0/3'],
      ['t/0/2', 't/0/3'],
    ]);
  });

  test('is called at its new address once the fleet names it', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = async (ops, { addresses }) => {
      await rig.join({ id: 'a', addresses: ['http://new'] });
      return ops.map(() => (addresses[0] === 'http://new' ? DELIVERED : undelivered('COMET_UNREACHABLE')));
    };
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.calls.at(-1)?.addresses).toEqual(['http://new']);
  });

  test('is left to the next sweep when Lambda’s time is over', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = (ops) => {
      rig.now += 15_000;
      return ops.map(() => undelivered('COMET_UNREACHABLE'));
    };
    expect(await rig.redeliver(WAKE)).toBe('behind');
    expect(rig.now - START).toBeLessThan(900_000);
    expect(await rig.leases.read('redeliver#a')).toBeUndefined();
    expect(await leftInQueue()).toEqual(['t/0/1']);
  });
});

test('a lease is free for the next sweep when its time is over, though its owner was woken in the last moment', async () => {
  await rig.park('a', [toRoom(1)]);
  rig.answer = (ops) => {
    rig.now += 900_000;
    return ops.map(() => undelivered('COMET_UNREACHABLE'));
  };
  const { clock } = rig.deps();
  const sleep = async (ms: number) => {
    await rig.leases.wake('redeliver#a', ['t-1']);
    await clock.sleep(ms);
  };
  expect(await rig.redeliver(WAKE, { clock: { ...clock, sleep } })).toBe('behind');
  expect(await rig.leases.read('redeliver#a')).toBeUndefined();
});

describe('a store that fails', () => {
  test('is waited for as a comet is', async () => {
    await rig.park('a', [toRoom(1)]);
    const { parked } = rig.deps();
    let failures = 3;
    const readAt = new Set<number>();
    const read: typeof parked.read = async (...args) => {
      readAt.add(rig.now);
      if (failures-- > 0) throw new ServiceError('STORE_THROTTLED', 'throttled', { retryable: true });
      return parked.read(...args);
    };
    expect(await rig.redeliver(WAKE, { parked: { ...parked, read } })).toBe('caught-up');
    expect(readAt.size).toBe(4);
  });

  test('leaves the mark while what is done could not be taken out of the queue', async () => {
    await rig.park('a', [toRoom(1)]);
    const { parked } = rig.deps();
    let failures = 1;
    const remove: typeof parked.remove = async (runs) => {
      if (failures-- <= 0) return parked.remove(runs);
      throw new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
    };
    expect(await rig.redeliver(WAKE, { parked: { ...parked, remove } })).toBe('caught-up');
    expect(rig.delivered()).toEqual([1, 1]);
    expect([await leftInQueue(), await marks()]).toEqual([[], []]);
  });

  test('keeps an op whose dead letter could not be written', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = (ops) => ops.map(() => ({ status: 'dropped', reason: 'refused' }));
    let failures = 1;
    const { deadLetters } = rig.deps();
    const write: typeof deadLetters.write = async (letters) => {
      if (failures-- > 0) throw new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
      return deadLetters.write(letters);
    };
    await rig.redeliver(WAKE, { deadLetters: { write } });
    expect(rig.delivered()).toEqual([1, 1]);
    expect(await rig.letters()).toEqual([{ id: 't/0/1#a#refused', reason: 'refused' }]);
  });

  test('that gives what nobody can read holds up that partition alone, and loses nothing', async () => {
    await rig.park('a', [toRoom(1), toRoom(2, 'r', 1)]);
    const { parked } = rig.deps();
    const read: typeof parked.read = async (comet, partition) => {
      if (partition === 't-0') throw new ServiceError('PAYLOAD_INVALID', 'unreadable', { retryable: false });
      return parked.read(comet, partition);
    };
    expect(await rig.redeliver(WAKE, { parked: { ...parked, read } })).toBe('behind');
    expect(rig.delivered()).toEqual([2]);
    expect((await marks()).map(({ partition }) => partition)).toEqual(['t-0']);
  });
});

describe('an op that is given up', () => {
  test('is a dead letter before it leaves its queue: refused, by proof, while the comet takes others', async () => {
    await rig.park('a', [toKeys(1, ['x']), toKeys(2, ['y']), toKeys(3, ['z']), toRoom(4)]);
    rig.answer = (ops) =>
      ops.map(() => (ops.some(({ id }) => id === 't/0/1') ? undelivered('COMET_STATUS') : DELIVERED));
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(await rig.letters()).toEqual([
      { id: expect.stringMatching(/^t\/0\/1#a#refused#/), reason: 'refused' },
    ]);
    expect(rig.log.metrics).toMatchObject({ Redelivered: 3, DroppedRefused: 1, DeadLetters: 1 });
  });

  test('was parked for too long', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.now += PARKED_MAX_AGE_S * 1000 + 1;
    await rig.park('a', [toRoom(2)]);
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(rig.delivered()).toEqual([2]);
    expect(await rig.letters()).toEqual([{ id: 't/0/1#a#parked-too-long', reason: 'parked-too-long' }]);
  });

  test('is expired by MESSAGE_TTL_S, counted, and no letter, unless it was replayed', async () => {
    rig.messageTtlS = 10;
    await rig.park('a', [toRoom(1)]);
    await rig.park('a', [toRoom(2)], { inFleet: true, replayed: true });
    rig.now += 11_000;
    await rig.redeliver(WAKE);
    expect(rig.delivered()).toEqual([2]);
    expect([await rig.letters(), rig.log.metrics['DroppedExpired']]).toEqual([[], 1]);
  });

  describe('for a comet that is not in the fleet', () => {
    const GONE = { comet: 'gone', partitions: ['t-0'] };
    const ops = [toKeys(1, ['k']), toRoom(2), toAll(3)];

    test('is gone after GONE_AFTER_S: a letter for a push, a count for a room or all', async () => {
      await rig.park('gone', ops);
      rig.now += GONE_AFTER_S * 1000 + 1;
      await rig.mergedAt(rig.now);
      expect(await rig.redeliver(GONE)).toBe('caught-up');
      expect(await rig.letters()).toEqual([
        { id: expect.stringMatching(/^t\/0\/1#gone#gone#/), reason: 'gone' },
      ]);
      expect(rig.log.metrics['DroppedGone']).toBe(3);
      expect(rig.calls).toEqual([]);
      expect(await marks()).toEqual([]);
    });

    test.each(['#fleet', '#fleet#', 'redeliver#a', 'merge-rooms', 'a#t-0'])(
      'is gone though its id is made as a key of our own is: %s',
      async (comet) => {
        await rig.park(comet, ops, { inFleet: false, replayed: false });
        rig.now += GONE_AFTER_S * 1000 + 1;
        await rig.mergedAt(rig.now);
        expect(await rig.redeliver({ comet, partitions: ['t-0'] })).toBe('caught-up');
        expect([rig.log.metrics['DroppedGone'], await marks()]).toEqual([3, []]);
        expect(await rig.fleet.readHeader()).toMatchObject({ mergedAt: rig.now });
      },
    );

    test('waits before that, and goes out if the comet comes', async () => {
      await rig.park('gone', ops);
      rig.now += GONE_AFTER_S * 1000;
      await rig.mergedAt(rig.now);
      expect(await rig.redeliver(GONE)).toBe('behind');
      await rig.join({ id: 'gone', addresses: ['http://gone'] });
      expect(await rig.redeliver(GONE)).toBe('caught-up');
      expect(rig.delivered()).toEqual([1, 2, 3]);
    });

    test('counts from when the comet left, if that was later', async () => {
      await rig.park('gone', ops);
      rig.now += GONE_AFTER_S * 1000 + 1;
      await rig.leave('gone', rig.now - 5_000);
      await rig.mergedAt(rig.now);
      expect(await rig.redeliver(GONE)).toBe('behind');
      expect(await rig.letters()).toEqual([]);
    });

    test('waits while the merge goes on but its registry does not answer', async () => {
      await rig.park('gone', ops);
      rig.now += 10 * GONE_AFTER_S * 1000;
      await rig.fleet.writeHeader({
        version: 1,
        mergedAt: rig.now,
        fleetAt: START,
        fresh: new Set(),
        silent: new Set(),
      });
      expect(await rig.redeliver(GONE)).toBe('behind');
      expect(await rig.letters()).toEqual([]);
    });

    test('waits for as long as nobody knows whether the comet is gone', async () => {
      await rig.park('gone', ops);
      rig.now += 10 * GONE_AFTER_S * 1000;
      expect(await rig.redeliver(GONE)).toBe('behind');
      expect(await rig.letters()).toEqual([]);
    });
  });
});

describe('the lease', () => {
  test('lets one redelivery work on a comet; another tells it of its partitions and ends', async () => {
    await rig.park('a', [toRoom(1)]);
    const ends: string[] = [];
    rig.answer = async (ops) => {
      if (ends.length === 0) {
        await rig.park('a', [toRoom(5, 'r', 3)]);
        ends.push(await rig.redeliver({ comet: 'a', partitions: ['t-3'] }));
      }
      return ops.map(() => DELIVERED);
    };
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(ends).toEqual(['held']);
    expect(rig.delivered()).toEqual([1, 5]);
    expect(await marks()).toEqual([]);
  });

  test('is the own one though the answer to its taking was lost', async () => {
    await rig.park('a', [toRoom(1)]);
    const { leases } = rig.deps();
    let isFirst = true;
    const acquire: typeof leases.acquire = async (...args) => {
      const taken = await leases.acquire(...args);
      if (!isFirst) return taken;
      isFirst = false;
      throw new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
    };
    expect(await rig.redeliver(WAKE, { leases: { ...leases, acquire } })).toBe('caught-up');
    expect(rig.delivered()).toEqual([1]);
  });

  test('of another is let be by a wake that names no partitions', async () => {
    await rig.leases.acquire(
      { name: 'redeliver#a', owner: 'other', fingerprint: 'now', until: START + LEASE_MS, endsAt: 0 },
      0,
    );
    expect(await rig.redeliver({ comet: 'a', partitions: [] })).toBe('held');
  });

  test('is given up for one that started later with another configuration, which is woken for what is left', async () => {
    await rig.park('a', [toRoom(1)]);
    await rig.park('a', [toRoom(2)]);
    const ends: string[] = [];
    rig.answer = async (ops) => {
      if (ends.length > 0) return ops.map(() => DELIVERED);
      await rig.park('a', [toRoom(5, 'r', 3)]);
      const later = { owner: () => 'owner-9', fingerprint: 'later' };
      rig.now += REDELIVER_RENEW_MS;
      ends.push(await rig.redeliver({ comet: 'a', partitions: ['t-3'] }, later));
      return ops.map((_, i) => (i === 0 ? DELIVERED : undelivered('COMET_UNREACHABLE')));
    };
    rig.wakes.length = 0;
    expect(await rig.redeliver(WAKE)).toBe('handed-over');
    expect([ends, rig.calls.length, await leftInQueue()]).toEqual([['held'], 1, ['t/0/2']]);
    const [woken] = rig.wakes.filter(({ partitions }) => partitions.includes('t-0'));
    expect(woken?.comet).toBe('a');
    expect(await rig.redeliver(woken, { owner: () => 'owner-91', fingerprint: 'later' })).toBe('caught-up');
    expect([await marks(), await leftInQueue(), await leftInQueue('t-3')]).toEqual([[], [], []]);
  });

  test('that nobody could be woken for after it was given up is found by the sweep', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = async (ops) => {
      rig.now += REDELIVER_RENEW_MS;
      await rig.redeliver(WAKE, { owner: () => 'owner-9', fingerprint: 'later' });
      return ops.map(() => undelivered('COMET_UNREACHABLE'));
    };
    const wake = () =>
      Promise.reject(new ServiceError('REDELIVER_UNREACHED', 'no answer', { retryable: true }));
    expect(await rig.redeliver(WAKE, { wake })).toBe('handed-over');
    rig.wakes.length = 0;
    await rig.redeliver();
    expect(rig.wakes).toEqual([WAKE]);
  });

  test('that was taken over ends the work before the next call', async () => {
    await rig.park('a', [toRoom(1)]);
    rig.answer = async (ops) => {
      rig.now += LEASE_MS + 2_000;
      const lease = {
        name: 'redeliver#a',
        owner: 'other',
        fingerprint: 'now',
        until: rig.now + LEASE_MS,
        endsAt: rig.now,
      };
      await rig.leases.acquire(lease, rig.now);
      return ops.map(() => undelivered('COMET_UNREACHABLE'));
    };
    expect(await rig.redeliver(WAKE)).toBe('held');
    expect(rig.calls.length).toBe(1);
    expect(await leftInQueue()).toEqual(['t/0/1']);
    expect((await rig.leases.read('redeliver#a'))?.owner).toBe('other');
  });

  test('of an owner that died is taken once it has run out', async () => {
    await rig.park('a', [toRoom(1)]);
    await rig.leases.acquire(
      { name: 'redeliver#a', owner: 'dead', fingerprint: 'now', until: START + LEASE_MS, endsAt: 0 },
      0,
    );
    expect(await rig.redeliver(WAKE)).toBe('held');
    rig.now += LEASE_MS + 2_000;
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
  });
});

describe('the sweep', () => {
  test('wakes one redelivery for each comet that is behind', async () => {
    await rig.park('a', [toRoom(1), toRoom(2, 'r', 1)]);
    await rig.park('unknown', [toKeys(3, ['k'])], { inFleet: false, replayed: false });
    rig.wakes.length = 0;
    expect(await rig.redeliver()).toBe('swept');
    const wakes = rig.wakes.map(({ comet, partitions }) => [comet, partitions.toSorted()]);
    expect(wakes.toSorted()).toEqual([
      ['a', ['t-0', 't-1']],
      ['unknown', ['t-0']],
    ]);
  });

  test('wakes as many at once as Lambda has connections for, and no more', async () => {
    const comets = Array.from({ length: 2 * MAX_INVOKES }, (_, n) => `c${n}`);
    const { behind } = rig.deps();
    const scan = async () =>
      comets.map((comet) => ({ partition: 't-0', comet, parkedThrough: 1, token: 'x' }));
    let inFlight = 0;
    let most = 0;
    const woken: string[] = [];
    const wake = async ({ comet }: { readonly comet: string }) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      woken.push(comet);
    };
    await rig.redeliver(undefined, { behind: { ...behind, scan }, wake });
    expect(most).toBe(MAX_INVOKES);
    expect(woken).toEqual(comets);
  });

  test('goes on though one cannot be woken', async () => {
    await rig.park('a', [toRoom(1)]);
    await rig.park('b', [toRoom(1)]);
    const woken: string[] = [];
    await rig.redeliver(undefined, {
      wake: async ({ comet }) => {
        if (comet === 'a') throw new ServiceError('REDELIVER_UNREACHED', 'no', { retryable: true });
        woken.push(comet);
      },
    });
    expect(woken).toEqual(['b']);
    expect(rig.log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { comets: 1 } });
  });
});

test('the log names comets, partitions and codes, and never a body or a key', async () => {
  await rig.park('a', [toKeys(1, ['secret-key'])]);
  rig.answer = (ops) => ops.map(() => ({ status: 'dropped', reason: 'refused', detail: 'no' }));
  await rig.redeliver(WAKE);
  await rig.park('a', [toKeys(2, ['secret-key'])]);
  rig.answer = (ops) => ops.map(() => DELIVERED);
  await rig.redeliver(WAKE);
  const written = JSON.stringify(rig.log.lines);
  expect(written).toContain('a comet has caught up');
  expect(written).not.toContain('secret-key');
  expect(written).not.toContain(Buffer.from('body 1').toString('base64'));
});
