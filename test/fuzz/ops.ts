import fc from 'fast-check';
import type { Op } from '../../lib/domain/op.ts';

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const int32 = fc.integer();
const base = {
  id: fc.nat().map((offset) => `goim-push-topic/0/${offset}`),
  operation: int32,
  body: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  timestamp: fc.nat(),
};

export const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    ...base,
    type: fc.constant('push' as const),
    keys: fc.array(name, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ ...base, type: fc.constant('room' as const), room: name }),
  fc.record({ ...base, type: fc.constant('all' as const), speed: fc.nat() }),
);

const isName = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
const isInt32 = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value;

/** Whether every comet can be told this op: its numbers fit an int32, and its target has a name. */
export const isWholeOp = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, operation, body, timestamp, keys, room, speed } = Object.fromEntries(
    Object.entries(value),
  );
  if (
    typeof id !== 'string' ||
    typeof body !== 'string' ||
    !isInt32(operation) ||
    !Number.isSafeInteger(timestamp)
  )
    return false;
  if (type === 'push') return Array.isArray(keys) && keys.length > 0 && keys.every(isName);
  return (type === 'room' && isName(room)) || (type === 'all' && isInt32(speed) && speed >= 0);
};
