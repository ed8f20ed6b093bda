import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Op } from '../../lib/domain/op.ts';
import { opJson } from '../../lib/domain/op-json.ts';

/** Also quotes, control characters, lone surrogates: whatever a record, a table or a payload can hold. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('"', '\\', '\u0000', '\u001f', '\u007f', '\ud800', '\u2028', 'ключ', '","x":"'),
);
const ops: fc.Arbitrary<Op> = fc
  .record({
    id: fc.oneof(
      text,
      fc.nat().map((offset) => `goim-push-topic/3/${offset}`),
    ),
    target: fc.oneof(
      fc.record({ type: fc.constant('push' as const), keys: fc.array(text, { maxLength: 3 }) }),
      fc.record({ type: fc.constant('room' as const), room: text }),
      fc.record({ type: fc.constant('all' as const), speed: fc.nat() }),
    ),
    operation: fc.integer(),
    body: fc.oneof(text, fc.base64String()),
    timestamp: fc.maxSafeNat(),
  })
  .map(({ id, target, operation, body, timestamp }) => ({ id, ...target, operation, body, timestamp }));

test('is what JSON.stringify says, whatever its letters', () => {
  fc.assert(
    fc.property(ops, (op) => {
      expect(opJson(op)).toBe(JSON.stringify(op));
    }),
    { numRuns: 1_000 },
  );
});
