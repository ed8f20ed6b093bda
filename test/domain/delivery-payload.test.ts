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
    expect(decodeDelivery({ ...encode(), v: 2 })).toMatchObject({ newer: true });
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
    { status: 'undelivered', code: 'COMET_TIMEOUT' },
    { status: 'dropped', reason: 'slow', detail: '1 of 2 keys', keys: ['k'] },
  ];

  test('are read as they were written', () => {
    expect(decodeOutcomes(JSON.parse(JSON.stringify(encodeOutcomes(outcomes))), 4)).toEqual(outcomes);
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
    ['lists that are missing', { v: 1, count: 4 }],
  ])('are not believed if the answer is %s', (_name, answer) => {
    expect(decodeOutcomes(answer, 4)).toBeUndefined();
  });
});
