import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Call, coalesce } from '../../lib/domain/coalesce.ts';
import type { Op } from '../../lib/domain/op.ts';

const LIMITS = { messages: 1000, bytes: 1_000_000 };
const base = { id: 't/0/1', operation: 1000, body: 'eA==', timestamp: 5 };
const room = (name: string, operation = 1000): Op => ({ ...base, type: 'room', room: name, operation });
const push = (keys: string[], operation = 1000): Op => ({ ...base, type: 'push', keys, operation });
const all = (speed: number, operation = 1000): Op => ({ ...base, type: 'all', speed, operation });

const indexes = (ops: readonly Op[], limits = LIMITS): (readonly number[])[] =>
  coalesce(ops, limits).map((call) => call.indexes);
const afters = (ops: readonly Op[]): (readonly number[])[] => coalesce(ops, LIMITS).map((call) => call.after);

describe('coalescing', () => {
  test('joins the messages of a room, whatever lies between them and whatever their operations', () => {
    const ops = [room('a'), room('b'), push(['k']), room('a', 7), all(0), room('b')];
    expect(indexes(ops)).toEqual([[0, 3], [1, 5], [2], [4]]);
  });

  test('joins pushes to one list of keys with one operation', () => {
    expect(indexes([push(['a', 'b']), push(['c']), push(['a', 'b'])])).toEqual([[0, 2], [1]]);
    expect(indexes([push(['a', 'b']), push(['b', 'a'])])).toEqual([[0], [1]]);
    expect(indexes([push(['a']), push(['a'], 7), push(['a'])])).toEqual([[0], [1], [2]]);
    expect(indexes([push(['a']), push(['a', 'b'])])).toEqual([[0], [1]]);
  });

  test('joins no push to a call that another one to any of its keys has passed', () => {
    const ops = [push(['a', 'b']), push(['b', 'c']), push(['a', 'b']), push(['b', 'c'])];
    expect(indexes(ops)).toEqual([[0], [1], [2], [3]]);
    expect(afters(ops)).toEqual([[], [0], [0, 1], [2, 1]]);
  });

  test('joins broadcasts of one operation and speed, until another broadcast comes', () => {
    expect(indexes([all(5), all(5), all(6), all(5)])).toEqual([[0, 1], [2], [3]]);
    expect(afters([all(5), all(6), all(5)])).toEqual([[], [0], [1]]);
  });

  test('lets a room, a key and a broadcast wait only for their own kind', () => {
    expect(afters([room('a'), push(['a']), all(0)])).toEqual([[], [], []]);
  });

  test('cuts by count and by bytes, and gives a message that is too large a call of its own', () => {
    const ops = [room('a'), room('a'), room('a')];
    expect(indexes(ops, { messages: 2, bytes: 1000 })).toEqual([[0, 1], [2]]);
    expect(indexes(ops, { messages: 9, bytes: 17 * 2 })).toEqual([[0, 1], [2]]);
    expect(indexes(ops, { messages: 9, bytes: 1 })).toEqual([[0], [1], [2]]);
  });
});

const operation = fc.constantFrom(1, 2);
const key = fc.constantFrom('k1', 'k2', 'k3', 'k4');
const body = fc.constantFrom('', 'eA==', 'eHh4eHh4eHh4eHh4');
const anyOp: fc.Arbitrary<Op> = fc
  .oneof(
    fc.record({
      type: fc.constant('push' as const),
      keys: fc.array(key, { minLength: 1, maxLength: 3 }),
      operation,
      body,
    }),
    fc.record({
      type: fc.constant('room' as const),
      room: fc.constantFrom('r1', 'r2', 'k1'),
      operation,
      body,
    }),
    fc.record({ type: fc.constant('all' as const), speed: fc.constantFrom(0, 5), operation, body }),
  )
  .map((op) => ({ id: 't/0/0', timestamp: 1, ...op }));
const anyOps = fc.array(anyOp, { maxLength: 40 });
const anyLimits = fc.record({
  messages: fc.integer({ min: 1, max: 5 }),
  bytes: fc.integer({ min: 1, max: 100 }),
});

const lanesOf = (op: Op): string[] => {
  switch (op.type) {
    case 'push':
      return op.keys.map((one) => `key ${one}`);
    case 'room':
      return [`room ${op.room}`];
    case 'all':
      return ['all'];
  }
};

/** One of the orders that `after` allows: at each step `pick` chooses among the calls that may go. */
const someOrder = (calls: readonly Call[], pick: (count: number) => number): Call[] => {
  const left = new Set(calls.keys());
  const order: Call[] = [];
  while (left.size > 0) {
    const free = [...left].filter((place) => !calls[place]?.after.some((earlier) => left.has(earlier)));
    const place = free[pick(free.length)] as number;
    left.delete(place);
    order.push(calls[place] as Call);
  }
  return order;
};

const targetOf = (op: Op): unknown => {
  switch (op.type) {
    case 'push':
      return [op.keys, op.operation];
    case 'room':
      return op.room;
    case 'all':
      return [op.speed, op.operation];
  }
};

const bytesOf = (ops: readonly Op[]): number =>
  ops.reduce((sum, op) => sum + 16 + Buffer.byteLength(op.body, 'base64'), 0);

describe('coalescing, whatever the ops', () => {
  test('loses, doubles and adds nothing', () => {
    fc.assert(
      fc.property(anyOps, anyLimits, (ops, limits) => {
        const sent = indexes(ops, limits).flat();
        expect(sent.toSorted((a, b) => a - b)).toEqual([...ops.keys()]);
      }),
    );
  });

  test('keeps each lane in order, in whatever order the calls go that need not wait for each other', () => {
    fc.assert(
      fc.property(anyOps, anyLimits, fc.infiniteStream(fc.nat()), (ops, limits, choices) => {
        const pick = (count: number): number => Number(choices.next().value) % count;
        const lastByLane = new Map<string, number>();
        for (const index of someOrder(coalesce(ops, limits), pick).flatMap((call) => call.indexes)) {
          for (const lane of new Set(lanesOf(ops[index] as Op))) {
            expect(index).toBeGreaterThan(lastByLane.get(lane) ?? -1);
            lastByLane.set(lane, index);
          }
        }
      }),
    );
  });

  test('puts only what one request can carry into a call, within the limits', () => {
    fc.assert(
      fc.property(anyOps, anyLimits, (ops, limits) => {
        for (const call of coalesce(ops, limits)) {
          const joined = call.indexes.map((index) => ops[index] as Op);
          const targets = joined.map((op) => [op.type, targetOf(op)]);
          expect(targets).toEqual(joined.map(() => [call.like.type, targetOf(call.like)]));
          expect(joined.length).toBeLessThanOrEqual(limits.messages);
          if (joined.length > 1) expect(bytesOf(joined)).toBeLessThanOrEqual(limits.bytes);
        }
      }),
    );
  });
});
