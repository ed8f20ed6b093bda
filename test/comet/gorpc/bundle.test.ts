import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../../lib/comet/gorpc/bundle.ts';
import { coalesce } from '../../../lib/domain/coalesce.ts';
import { lanesOf } from '../../../lib/domain/lanes.ts';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_KEYS } from '../../../lib/domain/limits.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { allOp, pushOp, roomOp } from '../contract.ts';

const bundlesOf = (ops: readonly Op[]) => bundle(coalesce(ops, { messages: 3, bytes: 1_000 }), ops);

const anyKeys = fc.oneof(
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
  fc.integer({ min: 1, max: 100 }).map((count) => Array.from({ length: count }, (_, index) => `k${index}`)),
  fc.nat(500).map((number) => [`n${number}`]),
);
const anyOp = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(anyKeys, fc.boolean()).map(([keys, isLarge]) => ({ keys, isLarge })) },
  { weight: 1, arbitrary: fc.constantFrom('1', '2').map((room) => ({ room })) },
  { weight: 1, arbitrary: fc.constant({ all: true }) },
);
const anyOps = fc.array(anyOp, { maxLength: 200 }).map((list) =>
  list.map((one, index): Op => {
    if ('room' in one) return roomOp(index, one.room);
    if ('all' in one) return allOp(index);
    const op = pushOp(index, one.keys);
    return one.isLarge ? { ...op, body: Buffer.alloc(20_000).toString('base64') } : op;
  }),
);

interface Where {
  /** Of the bundle. */
  readonly place: number;
  /** Of the call in it. */
  readonly at: number;
}

const whereOf = (bundles: readonly Bundle[]): Map<number, Where> =>
  new Map(
    bundles.flatMap(({ calls }, place) =>
      calls.flatMap(({ indexes }, at) => indexes.map((index) => [index, { place, at }] as const)),
    ),
  );

/** What each bundle waits for, also through others. */
const reachOf = (bundles: readonly Bundle[]): ReadonlySet<number>[] => {
  const reached: Set<number>[] = [];
  for (const { after } of bundles)
    reached.push(new Set(after.flatMap((earlier) => [earlier, ...(reached[earlier] ?? [])])));
  return reached;
};

/** Ops that follow each other in a lane. */
const neighbours = (ops: readonly Op[]): [earlier: number, later: number][] => {
  const lastByLane = new Map<string, number>();
  return ops.flatMap((op, index) =>
    lanesOf(op).flatMap((lane): [number, number][] => {
      const last = lastByLane.get(lane);
      lastByLane.set(lane, index);
      return last === undefined ? [] : [[last, index]];
    }),
  );
};

describe('bundles', () => {
  test('have each op once, and wait for earlier ones only', () => {
    fc.assert(
      fc.property(anyOps, (ops) => {
        const bundles = bundlesOf(ops);
        const indexes = bundles.flatMap(({ calls }) => calls.flatMap((call) => call.indexes));
        expect(indexes.toSorted((a, b) => a - b)).toEqual(ops.map((_, index) => index));
        for (const [place, { after }] of bundles.entries())
          for (const earlier of after) expect(earlier).toBeLessThan(place);
      }),
    );
  });

  test('keep the order of each lane: what shares one is in the same bundle in order, or waits, however far back', () => {
    fc.assert(
      fc.property(anyOps, (ops) => {
        const bundles = bundlesOf(ops);
        const reached = reachOf(bundles);
        const whereByIndex = whereOf(bundles);
        for (const [earlier, later] of neighbours(ops)) {
          const [from, to] = [whereByIndex.get(earlier), whereByIndex.get(later)] as [Where, Where];
          if (from.place === to.place) expect(from.at).toBeLessThanOrEqual(to.at);
          else expect(reached[to.place]).toContain(from.place);
        }
      }),
    );
  });

  test('of several pushes keep within what one call may carry; rooms and broadcasts go alone', () => {
    fc.assert(
      fc.property(anyOps, (ops) => {
        for (const { calls } of bundlesOf(ops)) {
          if (calls.length === 1) continue;
          const keys = calls.flatMap(({ like }) => (like.type === 'push' ? like.keys : []));
          const bytes = calls.reduce((sum, { like, indexes }) => {
            const copies = like.type === 'push' ? like.keys.length : Number.NaN;
            return (
              sum +
              copies *
                indexes.reduce((all, index) => all + Buffer.byteLength(ops[index]?.body ?? '', 'base64'), 0)
            );
          }, 0);
          expect(keys.length).toBeLessThanOrEqual(MAX_BUNDLE_KEYS);
          expect(bytes).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
        }
      }),
    );
  });

  test('are as few as can be for pushes to as many keys', () => {
    const ops = Array.from({ length: 500 }, (_, index) => pushOp(index, [`k${index}`]));
    expect(bundlesOf(ops).length).toBe(Math.ceil(500 / MAX_BUNDLE_KEYS));
  });
});
