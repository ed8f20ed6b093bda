import { beforeEach, describe, expect, test } from 'vitest';
import { PROOF_TRIES } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, type UndeliveredCode, undelivered } from '../../lib/domain/outcome.ts';
import { createSuspects } from '../../lib/domain/suspects.ts';
import { createRedelivery, type Redelivery, type RedeliveryEnd } from '../../lib/redeliver/ops.ts';
import { toKeys, toRoom } from '../parking/ops.ts';

type Answer = (ops: readonly Op[]) => readonly Outcome[] | undefined;

let calls: number[][];
let answer: Answer;
let redeliver: Redelivery;

const offset = ({ id }: Op): number => Number(id.split('/')[2]);
const all =
  (outcome: Outcome): Answer =>
  (ops) =>
    ops.map(() => outcome);
/** The comet fails whatever has one of these offsets in it. */
const failsOn =
  (...bad: number[]): Answer =>
  (ops) =>
    ops.map(() => (ops.some((op) => bad.includes(offset(op))) ? undelivered('COMET_STATUS') : DELIVERED));

const run = async (ops: readonly Op[], partition = 't-0') => {
  const outcomes = new Map<Op, Outcome>();
  const end = await redeliver(partition, ops, outcomes);
  const settled = ops.flatMap((op) => {
    const outcome = outcomes.get(op);
    if (outcome === undefined) return [];
    return [`${offset(op)} ${outcome.status === 'dropped' ? outcome.reason : outcome.status}`];
  });
  return { end, settled };
};
const apart = (...offsets: number[]): Op[] => offsets.map((one) => toKeys(one, [`key ${one}`]));

beforeEach(() => {
  calls = [];
  answer = all(DELIVERED);
  redeliver = createRedelivery({
    deliver: async (ops) => {
      calls.push(ops.map(offset));
      return answer(ops);
    },
    suspects: createSuspects(),
  });
});

describe('redelivery', () => {
  test('takes the ops of a partition in one call, in order', async () => {
    expect(await run(apart(1, 2, 3))).toEqual({
      end: 'more',
      settled: ['1 delivered', '2 delivered', '3 delivered'],
    });
    expect(calls).toEqual([[1, 2, 3]]);
  });

  test('goes in calls of at most 1,000', async () => {
    await run(apart(...Array.from({ length: 2_500 }, (_, n) => n)));
    expect(calls.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  });

  test('keeps what a comet took before it stopped', async () => {
    answer = (ops) => ops.map((_, at) => (at < 2 ? DELIVERED : undelivered('COMET_UNREACHABLE')));
    expect(await run(apart(1, 2, 3, 4))).toEqual({ end: 'failing', settled: ['1 delivered', '2 delivered'] });
  });

  test('waits while there is nobody to call', async () => {
    answer = () => undefined;
    expect(await run(apart(1))).toEqual({ end: 'waiting', settled: [] });
  });

  test.each<UndeliveredCode>([
    'COMET_UNREACHABLE',
    'COMET_UNAUTHORIZED',
    'COMET_TLS',
    'SECRET_FAILED',
    'COMET_BUSY',
    'COMET_ADDRESS_INVALID',
    'DELIVERY_SKIPPED',
  ])('blames no op for a comet that cannot be reached (%s): the next call is as large', async (code) => {
    answer = all(undelivered(code));
    expect((await run(apart(1, 2, 3, 4))).end).toBe('failing');
    answer = all(DELIVERED);
    await run(apart(1, 2, 3, 4));
    expect(calls).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test('asks a comet that does not answer for less each time, and for more once it does', async () => {
    answer = all(undelivered('COMET_TIMEOUT'));
    const ops = apart(1, 2, 3, 4, 5, 6, 7, 8);
    expect([(await run(ops)).end, (await run(ops)).end]).toEqual(['failing', 'failing']);
    answer = all(DELIVERED);
    await run(ops);
    expect(calls).toEqual([ops.map(offset), [1, 2, 3, 4], [1, 2], [3, 4, 5, 6], [7, 8]]);
  });
});

describe('the size of a call', () => {
  test('never comes to be over 1,000 again', async () => {
    const ops = apart(...Array.from({ length: 3_500 }, (_, n) => n));
    answer = all(undelivered('COMET_TIMEOUT'));
    await run(ops);
    answer = all(DELIVERED);
    await run(ops);
    expect(calls.map(({ length }) => length)).toEqual([1_000, 500, 1_000, 1_000, 1_000]);
  });

  test.each<[string, UndeliveredCode[], number]>([
    ['is halved by what the comet said of any op', ['DELIVERY_SKIPPED', 'COMET_TIMEOUT'], 1],
    ['is halved by what the comet said of the first op', ['COMET_TIMEOUT', 'DELIVERY_SKIPPED'], 1],
    ['stays if the ops were only skipped', ['DELIVERY_SKIPPED', 'DELIVERY_SKIPPED'], 2],
  ])('%s', async (_name, codes, next) => {
    answer = () => codes.map((code) => undelivered(code));
    expect((await run(apart(1, 2))).end).toBe('failing');
    answer = all(DELIVERED);
    await run(apart(1, 2));
    expect(calls[1]?.length).toBe(next);
  });
});

describe('an op that the comet cannot take', () => {
  test('is found by halves, refused by proof, and holds up nothing', async () => {
    answer = failsOn(6);
    const { end, settled } = await run(apart(1, 2, 3, 4, 5, 6, 7, 8));
    expect(end).toBe('more');
    expect(settled).toEqual([
      '1 delivered',
      '2 delivered',
      '3 delivered',
      '4 delivered',
      '5 delivered',
      '6 refused',
      '7 delivered',
      '8 delivered',
    ]);
    expect(calls.filter((call) => call.length === 1 && call[0] === 6).length).toBe(3);
  });

  test('waits when there is nobody to call any more for the proof', async () => {
    answer = (ops) => (ops.some((op) => offset(op) === 1) ? [undelivered('COMET_STATUS')] : undefined);
    redeliver = createRedelivery({
      deliver: async (ops) => answer(ops),
      suspects: createSuspects(),
    });
    await run(apart(1));
    const rest = await run(apart(1, 2, 3));
    expect(rest.end).toBe('waiting');
  });

  test('is named by the comet’s own code', async () => {
    answer = failsOn(1);
    const outcomes = new Map<Op, Outcome>();
    const ops = apart(1, 2, 3);
    await redeliver('t-0', ops, outcomes);
    expect(outcomes.get(ops[0] as Op)).toEqual({
      status: 'dropped',
      reason: 'refused',
      detail: 'COMET_STATUS',
    });
  });

  test('is passed only by ops that share no key or room with it', async () => {
    answer = failsOn(1);
    await run([
      toKeys(1, ['a']),
      toKeys(2, ['a', 'b']),
      toKeys(3, ['b']),
      toKeys(4, ['c']),
      toKeys(5, ['d']),
    ]);
    const firstOf = (one: number) => calls.findIndex((call) => call.length === 1 && call[0] === one);
    expect(firstOf(4)).toBeGreaterThan(-1);
    const refusedAt = calls.findLastIndex((call) => call.includes(1));
    for (const later of [2, 3]) {
      expect(calls.findIndex((call) => call.includes(later) && !call.includes(1))).toBeGreaterThan(refusedAt);
    }
  });

  test('costs a comet that takes nothing at most three more calls, of others each time', async () => {
    answer = all(undelivered('COMET_STATUS'));
    const ops = apart(...Array.from({ length: 20 }, (_, n) => n));
    for (let visit = 0; visit < 10; visit++) await run(ops);
    calls = [];
    await run(ops);
    const first = calls.map(([one]) => one);
    calls = [];
    await run(ops);
    expect([first.length, calls.length]).toEqual([1 + PROOF_TRIES, 1 + PROOF_TRIES]);
    expect(calls.slice(1).filter(([one]) => first.slice(1).includes(one))).toEqual([]);
  });

  test('is not refused while the comet takes nothing at all', async () => {
    answer = all(undelivered('COMET_STATUS'));
    for (let visit = 0; visit < 20; visit++) {
      expect(await run(apart(1, 2, 3, 4))).toEqual({ end: 'failing', settled: [] });
    }
  });

  test('is not refused while there is nothing beside it that could prove the comet well', async () => {
    answer = failsOn(1);
    const room = [toRoom(1), toRoom(2), toRoom(3)];
    for (let visit = 0; visit < 10; visit++) expect((await run(room)).end).toBe('failing');
  });

  test('is proven by what the comet takes of another partition', async () => {
    answer = failsOn(1);
    const room = [toRoom(1), toRoom(2)];
    let visits = 0;
    while (visits < 10 && (await run(room)).end === 'failing') {
      visits += 1;
      await run([toRoom(9, 'other', 1)], 't-1');
    }
    expect(visits).toBe(2);
  });

  test('does not hide others', async () => {
    const bad = [2, 3, 4, 5, 6, 7, 8];
    answer = failsOn(...bad);
    const ops = apart(...Array.from({ length: 40 }, (_, n) => n));
    const outcomes = new Map<Op, Outcome>();
    let end: RedeliveryEnd = 'failing';
    for (let visits = 0; visits < 10 && end === 'failing'; visits++) {
      const left = ops.filter((op) => !outcomes.has(op));
      end = await redeliver('t-0', left, outcomes);
    }
    const refused = ops.filter((op) => outcomes.get(op)?.status === 'dropped').map(offset);
    expect([end, refused, outcomes.size]).toEqual(['more', bad, ops.length]);
  });
});
