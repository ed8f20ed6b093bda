import { afterEach, beforeEach, expect, test } from 'vitest';
import { PARKED_MAX_AGE_S } from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { toKeys, toRoom } from '../parking/ops.ts';
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

const said = () => rig.log.lines.map(({ level, message }) => `${level}: ${message}`);
const isDown = () => undelivered('COMET_UNREACHABLE');

/** A `redeliver` that lingers, and what happens each time that it listens. */
const lingering = (onListen: (times: number) => Promise<void>) => {
  const { clock } = rig.deps();
  let times = 0;
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    if ((await rig.behind.scan()).length === 0) await onListen(++times);
  };
  return rig.redeliver(WAKE, { clock: { ...clock, sleep } });
};

test('an outage is a line at its begin and one at its end, though batches that saw the comet behind park once more', async () => {
  await rig.park('a', [toRoom(1)]);
  let failures = 3;
  rig.answer = (ops) => {
    rig.now += 100;
    return ops.map(() => (failures-- > 0 ? isDown() : DELIVERED));
  };
  const parkLate = async (times: number): Promise<void> => {
    if (times > 8) return;
    await rig.park('a', [toRoom(1 + times)]);
    await rig.redeliver(WAKE);
  };
  expect(await lingering(parkLate)).toBe('caught-up');
  expect(rig.delivered().slice(-9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(rig.log.lines).toEqual([
    { level: 'warn', message: 'a comet is behind', fields: { comet: 'a', code: 'COMET_UNREACHABLE' } },
    {
      level: 'info',
      message: 'a comet has caught up',
      fields: { comet: 'a', delivered: 9, durationMs: expect.any(Number) },
    },
  ]);
});

test('an outage lasted until the comet took the last of it', async () => {
  await rig.park('a', [toRoom(1)]);
  rig.answer = (ops) => {
    rig.now += 700;
    return ops.map(() => DELIVERED);
  };
  await rig.redeliver(WAKE);
  expect(rig.log.lines.at(-1)?.fields).toEqual({ comet: 'a', delivered: 1, durationMs: 700 });
});

test('nobody is said to have caught up when all was given up before it was tried', async () => {
  await rig.park('a', [toKeys(1, ['k'])]);
  rig.now += PARKED_MAX_AGE_S * 1000 + 1;
  expect(await rig.redeliver(WAKE)).toBe('caught-up');
  expect(said()).toEqual(['warn: dead letters']);
});

test('nor when the comet took none of it', async () => {
  await rig.park('a', [toKeys(1, ['k'])]);
  rig.answer = (ops) => {
    rig.now += 100_000;
    return ops.map(isDown);
  };
  expect(await rig.redeliver(WAKE)).toBe('behind');
  rig.now = START + PARKED_MAX_AGE_S * 1000 - 500_000;
  expect(await rig.redeliver(WAKE)).toBe('caught-up');
  expect(said()).toEqual([
    'warn: a comet is behind',
    'warn: a comet is still behind',
    'warn: a comet is behind',
    'warn: dead letters',
    'warn: nothing is parked for a comet any more, and it took none of it',
  ]);
});

test('a redelivery that finds nothing to do says nothing', async () => {
  expect(await rig.redeliver(WAKE)).toBe('caught-up');
  expect([said(), rig.sleeps]).toEqual([[], []]);
});

test('a comet that leaves the fleet while it is behind is said to have left, once', async () => {
  await rig.park('a', [toRoom(1)]);
  rig.answer = async (ops) => {
    rig.now += 1_000;
    await rig.leave('a', rig.now);
    return ops.map(isDown);
  };
  await rig.redeliver(WAKE);
  await rig.redeliver(WAKE);
  expect(said()).toEqual([
    'warn: a comet is behind',
    'warn: a comet has left the fleet with ops parked for it',
  ]);
});

test('a store that fails is said once, and once more when it has answered meanwhile', async () => {
  await rig.park('a', [toRoom(1)]);
  const { parked } = rig.deps();
  const answers = ['fails', 'fails', 'fails', 'answers', 'fails', 'answers'];
  const read: typeof parked.read = async (...args) => {
    if (answers.shift() === 'fails') throw new ServiceError('STORE_UNANSWERED', 'no', { retryable: true });
    return parked.read(...args);
  };
  let failures = 1;
  rig.answer = (ops) => ops.map(() => (failures-- > 0 ? isDown() : DELIVERED));
  await rig.redeliver(WAKE, { parked: { ...parked, read } });
  const failed = { comet: 'a', partition: 't-0', code: 'STORE_UNANSWERED' };
  expect(rig.log.lines.filter(({ message }) => message === 'a turn of redeliver failed')).toEqual(
    Array(2).fill({ level: 'warn', message: 'a turn of redeliver failed', fields: failed }),
  );
});
