import { describe, expect, test } from 'vitest';
import { cut, encodeOp } from '../../lib/domain/batch.ts';
import {
  decodeDelivery,
  decodeOutcomes,
  encodeDelivery,
  encodeOutcomes,
} from '../../lib/domain/delivery-payload.ts';
import type { Op } from '../../lib/domain/op.ts';
import type { Outcome } from '../../lib/domain/outcome.ts';

const comet = { id: 'comet-"1"', addresses: ['http://a', 'http://b'] };
const base = { operation: 1000, body: 'eA==', timestamp: 5 };
const ops: Op[] = [
  { id: 't/0/1', type: 'push', keys: ['k'], ...base },
  { id: 't/0/2', type: 'room', room: 'r', ...base },
  { id: 't/0/3', type: 'all', speed: 0, ...base },
];
const encode = (): Record<string, unknown> =>
  JSON.parse(
    cut(ops.map(encodeOp), 1000, 10_000)
      .map((chunk) => encodeDelivery({ ...comet, zone: 'z' }, 5000, chunk).toString())
      .join(),
  );

describe('a delivery payload', () => {
  test('is read as it was written', () => {
    expect(decodeDelivery(encode())).toEqual({ comet, timeoutMs: 5000, ops });
  });

  test('carries its version', () => {
    expect(encode()['v']).toBe(1);
  });

  test('of a newer version is to be waited for', () => {
    expect(decodeDelivery({ ...encode(), v: 2 })).toEqual({
      problem: 'version 2 is newer than 1',
      newer: true,
    });
  });

  const withOp = (index: number, more: object) => ({
    ...encode(),
    ops: [ops[0], { ...ops[index], ...more }],
  });
  const NOT_COMET = 'comet has no id or no addresses';
  const NOT_OP = 'op 1 is not of the form of an op';
  test.each([
    ['that is text', 'x', 'it is not an object'],
    ['with a version in text', { ...encode(), v: '2' }, 'v is missing or unknown'],
    ['of a comet that is null', { ...encode(), comet: null }, NOT_COMET],
    ['of a comet whose id is a number', { ...encode(), comet: { ...comet, id: 1 } }, NOT_COMET],
    ['of a comet without an id', { ...encode(), comet: { addresses: ['http://a'] } }, NOT_COMET],
    [
      'with one address that is not text',
      { ...encode(), comet: { id: 'a', addresses: ['b', 1] } },
      NOT_COMET,
    ],
    ['with a time in text', { ...encode(), timeoutMs: '5' }, 'timeoutMs is not a whole number above 0'],
    ['with ops in an object', { ...encode(), ops: {} }, 'ops is not a list'],
    ['with an op that is null', { ...encode(), ops: [ops[0], null] }, NOT_OP],
    ['with an op whose id is a number', withOp(1, { id: 1 }), NOT_OP],
    ['with a push to a number', withOp(0, { keys: [1] }), NOT_OP],
    ['with a push to a key and a number', withOp(0, { keys: ['k', 1] }), NOT_OP],
    ['with a push to a key and an empty one', withOp(0, { keys: ['k', ''] }), NOT_OP],
    ['with a push to text', withOp(0, { keys: 'k' }), NOT_OP],
    ['with an op to an empty room', withOp(1, { room: '' }), NOT_OP],
    ['with an op to a room that is a number', withOp(1, { room: 1 }), NOT_OP],
    ['with an operation in text', withOp(1, { operation: '1' }), NOT_OP],
    ['with an operation of 33 bits', withOp(1, { operation: 2 ** 31 }), NOT_OP],
    ['with a time that is no whole number', withOp(1, { timestamp: 0.5 }), NOT_OP],
    ['with a negative speed', withOp(2, { speed: -1 }), NOT_OP],
    ['with a speed in text', withOp(2, { speed: '1' }), NOT_OP],
  ])('%s is refused, and its problem named', (_name, payload, problem) => {
    expect(decodeDelivery(payload)).toEqual({ problem, newer: false });
  });

  test.each([
    ['not an object', null],
    ['without a version', { ...encode(), v: undefined }],
    ['without a comet', { ...encode(), comet: { id: 'a' } }],
    ['with an address that is not text', { ...encode(), comet: { id: 'a', addresses: [1] } }],
    ['without time', { ...encode(), timeoutMs: 0 }],
    ['without ops', { ...encode(), ops: {} }],
    ['with an op of no type', { ...encode(), ops: [{ ...ops[0], type: 'other' }] }],
    ['with a push to no keys', { ...encode(), ops: [{ ...ops[0], keys: [] }] }],
    ['with an op without a body', { ...encode(), ops: [{ ...ops[1], body: undefined }] }],
    ['with an op of half an operation', { ...encode(), ops: [{ ...ops[1], operation: 0.5 }] }],
  ])('%s says what is wrong', (_name, payload) => {
    expect(decodeDelivery(payload)).toEqual({ problem: expect.any(String), newer: false });
  });
});

describe('outcomes', () => {
  const outcomes: Outcome[] = [
    { status: 'delivered' },
    { status: 'dropped', reason: 'refused', detail: 'no such format' },
    { status: 'undelivered', code: 'COMET_BUSY', retryAfterMs: 30_000 },
    { status: 'dropped', reason: 'slow', detail: '1 of 2 keys', keys: ['k'] },
  ];
  const drop = (more: object) => ({
    ...encodeOutcomes(outcomes),
    dropped: [{ index: 1, reason: 'slow', ...more }],
  });
  const failed = (...indexes: unknown[]) => ({
    ...encodeOutcomes([]),
    count: 4,
    undelivered: indexes.map((index) => ({ index, code: 'COMET_TIMEOUT' })),
  });

  test('are read as they were written', () => {
    expect(decodeOutcomes(JSON.parse(JSON.stringify(encodeOutcomes(outcomes))), 4)).toEqual(outcomes);
  });

  test('have no detail and no keys that were not given, and begin with the first op', () => {
    const plain: Outcome[] = [{ status: 'dropped', reason: 'gone' }, { status: 'delivered' }];
    expect(decodeOutcomes(encodeOutcomes(plain), 2)).toStrictEqual(plain);
    expect(decodeOutcomes(failed(0, 3), 4)?.map(({ status }) => status)).toEqual([
      'undelivered',
      'delivered',
      'delivered',
      'undelivered',
    ]);
  });

  test('cost nothing for each op that was delivered', () => {
    const reply = encodeOutcomes(Array(10_000).fill({ status: 'delivered' }));
    expect(JSON.stringify(reply).length).toBeLessThan(100);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an error', { errorType: 'UNEXPECTED', errorMessage: 'x' }],
    ['another count', { ...encodeOutcomes(outcomes), count: 3 }],
    ['another version', { ...encodeOutcomes(outcomes), v: 2 }],
    ['an index that was not sent', { ...encodeOutcomes(outcomes), undelivered: [{ index: 4, code: 'X' }] }],
    ['a negative index', { ...encodeOutcomes(outcomes), undelivered: [{ index: -1, code: 'X' }] }],
    ['a drop without a reason', { ...encodeOutcomes(outcomes), dropped: [{ index: 1 }] }],
    ['the index after the last', failed(4)],
    ['the index before the first', failed(-1)],
    ['half an index', failed(0.5)],
    ['an index in text', failed('0')],
    ['an index twice', failed(0, 0)],
    ['an index in both lists', { ...failed(1), dropped: [{ index: 1, reason: 'slow' }] }],
    ['an exception that is null', { ...failed(), undelivered: [null] }],
    [
      'a time that is none',
      { ...failed(), undelivered: [{ index: 0, code: 'COMET_BUSY', retryAfterMs: '1' }] },
    ],
    ['an unknown code', { ...failed(), undelivered: [{ index: 0, code: 'NO_SUCH' }] }],
    ['an unknown reason', drop({ reason: 'no-such' })],
    ['a detail that is not text', drop({ detail: 5 })],
    ['keys that are text', drop({ keys: 'k' })],
    ['a key that is a number', drop({ keys: ['k', 1] })],
    ['lists that are missing', { v: 1, count: 4 }],
  ])('are not believed if the answer is %s', (_name, answer) => {
    expect(decodeOutcomes(answer, 4)).toBeUndefined();
  });
});
