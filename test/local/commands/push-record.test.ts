import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../../lib/kafka/value.ts';
import { encodeV1, encodeV2, type PushTarget } from '../../../local/commands/push-record.ts';
import { goim, pushMsgVector } from '../../vectors.ts';

const body = Buffer.from('{"test":1}');
const V2: readonly [string, PushTarget][] = [
  ['PUSH', { type: 'push', comet: 'comet-1', keys: ['k1', 'k2'] }],
  ['ROOM', { type: 'room', room: 'live://1000' }],
  ['BROADCAST', { type: 'all', speed: 500 }],
];

describe("goim v2's records", () => {
  it.each(V2)('%s has the bytes of goim', (name, target) => {
    const { key, value } = encodeV2({ target, operation: 1000, body });
    const { eventKeyB64, value: hex } = pushMsgVector(name);
    expect({ key: key?.toString('base64'), value: value.toString('hex') }).toEqual({
      key: eventKeyB64,
      value: hex,
    });
  });

  it('are read as they were meant', () => {
    const key = fc.string({ minLength: 1, unit: 'grapheme' });
    const target = fc.oneof(
      fc.record({ type: fc.constant('push' as const), comet: key, keys: fc.tuple(key, key) }),
      fc.record({ type: fc.constant('room' as const), room: key }),
      fc.record({ type: fc.constant('all' as const), speed: fc.nat({ max: 2 ** 31 - 1 }) }),
    );
    const operation = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(target, operation, fc.uint8Array(), (to, op, bytes) => {
        const { value } = encodeV2({ target: to, operation: op, body: bytes });
        const decoded = decodeValue(value.toString('base64'));
        expect(decoded).toEqual({ target: to, operation: op, body: Buffer.from(bytes).toString('base64') });
      }),
    );
  });
});

describe("goim v1's records", () => {
  it.each([
    ['multiple', { type: 'push', comet: '1', keys: ['42_1', '42_2'] }, null],
    ['broadcast', { type: 'all', speed: 0 }, null],
    ['broadcast_room', { type: 'room', room: '1000' }, '000003e8'],
  ] as const)('%s is the JSON of goim', (op, target, keyHex) => {
    const { key, value } = encodeV1({ target, body });
    expect(value.toString()).toBe(JSON.stringify(goim.kafkaMsgV1.find((vector) => vector.op === op)));
    expect(key?.toString('hex') ?? null).toBe(keyHex);
  });

  it('leave out what is zero, as Go does', () => {
    const { value } = encodeV1({ target: { type: 'room', room: '0' }, body });
    expect(JSON.parse(value.toString())).not.toHaveProperty('roomid');
  });
});
