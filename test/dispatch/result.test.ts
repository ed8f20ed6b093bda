import { beforeEach, describe, expect, test } from 'vitest';
import type { Sent } from '../../lib/dispatch/fan-out.ts';
import { batchUndelivered, countResult, countsOf, resultOf } from '../../lib/dispatch/result.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { type RecordedLog, recordLog } from '../log.ts';
import { encoded, toKeys, toRoom } from '../parking/ops.ts';

const refused: Outcome = { status: 'dropped', reason: 'refused' };
const gone: Outcome = { status: 'dropped', reason: 'gone' };

/** What became of the ops of one comet, in chunks of two. */
const sent = (comet: string, ...came: readonly (readonly [Op, Outcome])[]): Sent => {
  const chunks = [came.slice(0, 2), came.slice(2)].filter(({ length }) => length > 0);
  return {
    delivery: {
      comet: { id: comet, addresses: ['http://a'] },
      chunks: chunks.map((chunk) => ({ ops: encoded(...chunk.map(([op]) => op)), bytes: 1 })),
    },
    outcomes: chunks.map((chunk) => chunk.map(([, outcome]) => outcome)),
    calls: chunks.length,
  };
};
const idsOf = ({ undelivered: left }: ReturnType<typeof resultOf>) =>
  left.map(({ comet, ops }) => [comet.id, ops.map(({ op }) => op.id)]);

const MIXED = [
  sent('a', [toRoom(1), DELIVERED], [toRoom(2), refused], [toRoom(3), undelivered('COMET_TIMEOUT')]),
  sent('b', [toRoom(1), refused], [toRoom(2), gone], [toRoom(3), DELIVERED], [toKeys(4, ['k']), gone]),
  sent('c', [toRoom(1), undelivered('COMET_BUSY')], [toRoom(2), undelivered('DELIVERY_SKIPPED')]),
];

describe('the result of a batch', () => {
  test('adds up what became of each op, of every chunk and comet', () => {
    const result = resultOf(MIXED, 5);
    expect(result).toMatchObject({ delivered: 2, throttled: 0, calls: 5 });
    expect(Object.fromEntries(result.droppedByReason)).toEqual({ expired: 5, refused: 2, gone: 2 });
    expect(idsOf(result)).toEqual([
      ['a', ['t/0/3']],
      ['c', ['t/0/1', 't/0/2']],
    ]);
    expect(countsOf(result)).toMatchObject({ delivered: 2, dropped: 9, undelivered: 3, calls: 5 });
  });

  test('names a failing comet with the first code of its ops, which is why the others were not sent', () => {
    expect(resultOf(MIXED, 0).failing).toEqual(['a:COMET_TIMEOUT', 'c:COMET_BUSY']);
  });

  test('has a dead letter for what is kept, and none for a room’s op that is gone', () => {
    const ids = resultOf(MIXED, 0).letters.map(({ id }) => id);
    expect(ids).toEqual(['t/0/2#a#refused', 't/0/1#b#refused', expect.stringMatching(/^t\/0\/4#b#gone#/)]);
  });

  test('counts each op that was throttled', () => {
    const throttled = undelivered('DELIVER_THROTTLED');
    const result = resultOf([sent('a', [toRoom(1), throttled], [toRoom(2), throttled])], 0);
    expect(result.throttled).toBe(2);
    expect(batchUndelivered(result).message).toMatch(/^2 ops /);
  });

  test('says nothing of reasons that there were not', () => {
    expect(resultOf([sent('a', [toRoom(1), DELIVERED])], 0).droppedByReason.size).toBe(0);
  });
});

describe('its metrics', () => {
  let log: RecordedLog;
  beforeEach(() => {
    log = recordLog();
  });

  test('are counts by reason', () => {
    countResult(log, resultOf(MIXED, 5));
    expect(log.metrics).toEqual({
      Delivered: 2,
      Rpcs: 5,
      DroppedExpired: 5,
      DroppedRefused: 2,
      DroppedGone: 2,
    });
  });
});
