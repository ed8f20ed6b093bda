import { expect, test } from 'vitest';
import { encodeOp } from '../../lib/domain/batch.ts';
import { MAX_RUN_BYTES } from '../../lib/domain/limits.ts';
import { cutRuns, firstOffsetOf, offsetOf } from '../../lib/domain/parked-run.ts';
import { encoded, toRoom } from '../parking/ops.ts';

const LIKE = { comet: 'a', partition: 't-0', parkedAt: 5, replayed: true };

test('a run is named by its first offset in 20 digits, so that names are in the order of offsets', () => {
  const [run] = cutRuns(encoded(toRoom(42), toRoom(43)), LIKE, () => 'x');
  expect(run).toEqual({ ...LIKE, run: '00000000000000000042#x', ops: [toRoom(42), toRoom(43)] });
  expect(run && firstOffsetOf(run)).toBe(42);
  expect(offsetOf(toRoom(43))).toBe(43);
});

test('ops of more bytes than an item takes become several runs, each with a name of its own', () => {
  const large = { ...toRoom(1), body: 'x'.repeat(MAX_RUN_BYTES / 2) };
  const ops = [1, 2, 3].map((offset) => encodeOp({ ...large, id: `t/0/${offset}` }));
  const runs = cutRuns(ops, LIKE, () => 'x');
  expect(runs.map((run) => [firstOffsetOf(run), run.ops.length])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
});
