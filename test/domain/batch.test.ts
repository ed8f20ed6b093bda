import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Chunk,
  cut,
  encodeBlocks,
  encodeChunk,
  encodeOp,
  groupByComet,
  type Routed,
} from '../../lib/domain/batch.ts';
import type { Op } from '../../lib/domain/op.ts';
import type { PushMessage, Target } from '../../lib/domain/push-message.ts';

const comet = (id: string) => ({ id, addresses: [`http://${id}`] });
const [a, b] = [comet('a'), comet('b')];
const message = (offset: number, target: Target, body = ''): PushMessage => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 7,
  target,
  operation: 1000,
  body,
});
const toRoom = (offset: number, body?: string) => message(offset, { type: 'room', room: 'r' }, body);
const offsetOf = (id: string): number => Number(id.split('/')[2]);

describe('grouping', () => {
  test('makes one delivery a comet, in log order', () => {
    const routed: Routed[] = [
      { message: toRoom(1), comets: [a, b] },
      { message: message(2, { type: 'push', comet: 'a', keys: ['k'] }), comets: [a] },
      { message: message(3, { type: 'all', speed: 500 }), comets: [a, b] },
    ];
    const { deliveries } = groupByComet(routed, 1000);
    const ids = deliveries.map(({ comet: { id }, chunks }) => [
      id,
      chunks.flatMap(({ ops }) => ops.map(({ op }) => op.id)),
    ]);
    expect(ids).toEqual([
      ['a', ['t/0/1', 't/0/2', 't/0/3']],
      ['b', ['t/0/1', 't/0/3']],
    ]);
    expect(deliveries[1]?.chunks[0]?.ops[1]?.op).toEqual({
      id: 't/0/3',
      type: 'all',
      speed: 250,
      operation: 1000,
      body: '',
      timestamp: 7,
    });
  });

  test('gives each op its type and its target', () => {
    const targets: Target[] = [
      { type: 'push', comet: 'a', keys: ['k'] },
      { type: 'room', room: 'r' },
      { type: 'all', speed: 0 },
    ];
    const routed = targets.map((target, index) => ({ message: message(index, target), comets: [a] }));
    const { deliveries } = groupByComet(routed, 1000);
    const common = { operation: 1000, body: '', timestamp: 7 };
    expect(deliveries[0]?.chunks.flatMap(({ ops }) => ops.map(({ op }) => op))).toStrictEqual([
      { id: 't/0/0', type: 'push', keys: ['k'], ...common },
      { id: 't/0/1', type: 'room', room: 'r', ...common },
      { id: 't/0/2', type: 'all', speed: 0, ...common },
    ]);
  });

  test('makes no delivery of nothing', () => {
    expect(groupByComet([{ message: toRoom(1), comets: [a] }], 1000, () => true).deliveries).toEqual([]);
  });

  test('writes the JSON of an op once, however many comets it goes to', () => {
    const [first, second] = groupByComet([{ message: toRoom(1), comets: [a, b] }], 1000).deliveries;
    expect(first?.chunks[0]?.ops[0]).toBe(second?.chunks[0]?.ops[0]);
  });

  test('holds back the ops of a comet that is behind, in log order, and sends the others', () => {
    const routed: Routed[] = [1, 2, 3, 4].map((offset) => ({ message: toRoom(offset), comets: [a, b] }));
    const { deliveries, held } = groupByComet(
      routed,
      1000,
      ({ id }, { op }) => id === 'a' && offsetOf(op.id) % 2 === 1,
    );
    const idsOf = (ops: readonly { op: Op }[] = []) => ops.map(({ op }) => offsetOf(op.id));
    expect(held.map(({ comet, ops }) => [comet.id, idsOf(ops)])).toEqual([['a', [1, 3]]]);
    expect(deliveries.map(({ comet, chunks }) => [comet.id, idsOf(chunks[0]?.ops)])).toEqual([
      ['a', [2, 4]],
      ['b', [1, 2, 3, 4]],
    ]);
  });

  test('loses, doubles and reorders nothing, and keeps to the limit in bytes', () => {
    const routed = fc.array(
      fc.record({
        body: fc.string({ maxLength: 60, unit: 'grapheme' }),
        comets: fc.subarray([a, b], { minLength: 1 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(routed, fc.integer({ min: 150, max: 900 }), (messages, maxBytes) => {
        const input = messages.map(({ body, comets }, offset) => ({ message: toRoom(offset, body), comets }));
        for (const { comet: to, chunks } of groupByComet(input, maxBytes).deliveries) {
          const wanted = input.flatMap(({ message: { offset }, comets }) =>
            comets.some(({ id }) => id === to.id) ? [offset] : [],
          );
          expect(chunks.flatMap(({ ops }) => ops.map(({ op }) => offsetOf(op.id)))).toEqual(wanted);
          for (const { ops, bytes } of chunks) {
            const size = Buffer.byteLength(`${ops.map(({ json }) => json).join(',')},`);
            expect(bytes).toBe(size);
            expect(ops.length === 1 || size <= maxBytes).toBe(true);
          }
        }
      }),
    );
  });
});

test('cutting nothing gives no chunk', () => {
  expect(cut([], 2, 10_000)).toEqual([]);
});

test('cutting fills a chunk to its last byte', () => {
  const ops = [1, 2, 3].map((n) =>
    encodeOp({ id: `t/0/${n}`, type: 'room', room: 'r', operation: 1, body: '', timestamp: 5 }),
  );
  const two = 2 * ((ops[0]?.bytes ?? 0) + 1);
  expect(cut(ops, 10, two).map((chunk) => [chunk.ops.length, chunk.bytes])).toEqual([
    [2, two],
    [1, two / 2],
  ]);
  expect(cut(ops.slice(0, 2), 10, two)).toHaveLength(1);
});

test('cutting keeps to the limit in ops', () => {
  const ops = Array.from({ length: 5 }, (_, offset) =>
    encodeOp({ id: `t/0/${offset}`, type: 'room', room: 'r', operation: 1, body: '', timestamp: 0 }),
  );
  expect(cut(ops, 2, 10_000).map((chunk) => chunk.ops.length)).toEqual([2, 2, 1]);
});

test('an op’s JSON is the op, and its size is in bytes', () => {
  const op: Op = { id: 't/0/1', type: 'push', keys: ['ключ"'], operation: -1, body: 'eA==', timestamp: 5 };
  const { json, bytes } = encodeOp(op);
  expect(JSON.parse(json)).toEqual(op);
  expect(bytes).toBe(Buffer.byteLength(json));
});

test('a chunk is encoded as the list of its ops, whatever their letters', () => {
  const ops = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 10 });
  fc.assert(
    fc.property(ops, fc.string({ unit: 'grapheme' }), (rooms, text) => {
      const encoded = rooms.map((room, offset) =>
        encodeOp({ id: `t/0/${offset}`, type: 'room', room, operation: 1, body: '', timestamp: 0 }),
      );
      const bytes = encoded.reduce((sum, op) => sum + op.bytes + 1, 0);
      const head = `{"text":${JSON.stringify(text)},"ops":`;
      expect(JSON.parse(encodeChunk(head, { ops: encoded, bytes }, '}').toString())).toEqual({
        text,
        ops: encoded.map(({ op }) => op),
      });
    }),
  );
});

test('a chunk in blocks is the same bytes, over the same memory, and no block is larger than asked but for a larger op', () => {
  const ops = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 30 });
  const memory = Buffer.alloc(10_000);
  fc.assert(
    fc.property(ops, fc.integer({ min: 1, max: 1_000 }), (rooms, maxBytes) => {
      const encoded = rooms.map((room, offset) =>
        encodeOp({ id: `t/0/${offset}`, type: 'room', room, operation: 1, body: '', timestamp: 0 }),
      );
      const [chunk] = cut(encoded, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY) as [Chunk];
      const most = Math.max(maxBytes, ...encoded.map(({ bytes }) => bytes + 1)) + '{"ops":[]}'.length;
      const copies = Array.from(
        encodeBlocks('{"ops":', chunk, '}', maxBytes, () => memory),
        (block) => {
          expect(block.length).toBeLessThanOrEqual(most);
          return Buffer.from(block);
        },
      );
      expect(Buffer.concat(copies).equals(encodeChunk('{"ops":', chunk, '}'))).toBe(true);
    }),
  );
});
