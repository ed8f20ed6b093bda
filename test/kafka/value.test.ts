import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, MAX_ID_BYTES, MAX_KEYS_BYTES, MAX_ROOM_BYTES } from '../../lib/domain/limits.ts';
import type { MalformedReason } from '../../lib/domain/push-message.ts';
import { decodeValue } from '../../lib/kafka/value.ts';
import { goim } from '../vectors.ts';

interface Fields {
  type?: number;
  operation?: number | bigint;
  speed?: number | bigint;
  server?: string;
  room?: string;
  keys?: string[];
  msg?: Uint8Array;
}

const encodePushMsg = ({ type, operation, speed, server, room, keys = [], msg }: Fields): Buffer => {
  const writer = new BinaryWriter();
  if (type !== undefined) writer.tag(1, WireType.Varint).int32(type);
  if (operation !== undefined) writer.tag(2, WireType.Varint).int64(operation.toString());
  if (speed !== undefined) writer.tag(3, WireType.Varint).int64(speed.toString());
  if (server !== undefined) writer.tag(4, WireType.LengthDelimited).string(server);
  if (room !== undefined) writer.tag(5, WireType.LengthDelimited).string(room);
  for (const key of keys) writer.tag(6, WireType.LengthDelimited).string(key);
  if (msg !== undefined) writer.tag(7, WireType.LengthDelimited).bytes(msg);
  return Buffer.from(writer.finish());
};

const push = { server: 'comet-1', keys: ['k1'], operation: 1000, msg: Buffer.from('{}') };
const decode = (bytes: Uint8Array) => decodeValue(Buffer.from(bytes).toString('base64'));
const decodeJson = (value: unknown) => decode(Buffer.from(JSON.stringify(value)));
const malformed = (reason: MalformedReason) => ({ malformed: reason });

describe('goim v2 PushMsg', () => {
  test.each(goim.pushMsgV2)('decodes goim’s bytes of $name', ({ value, eventValueB64, decoded }) => {
    expect(Buffer.from(eventValueB64, 'base64').toString('hex')).toBe(value);
    const content = decodeValue(eventValueB64);
    const target = [
      { type: 'push', comet: decoded.server, keys: decoded.keys },
      { type: 'room', room: decoded.room },
      { type: 'all', speed: decoded.speed },
    ][decoded.type];
    const body = Buffer.from(decoded.msgUtf8).toString('base64');
    expect(content).toEqual({ target, operation: decoded.operation, body });
  });

  test('skips fields that it does not know, and known numbers of another type', () => {
    const extra = new BinaryWriter()
      .tag(15, WireType.LengthDelimited)
      .string('later')
      .tag(2, WireType.Bit32)
      .fixed32(7);
    expect(decode(Buffer.concat([encodePushMsg(push), extra.finish()]))).toMatchObject({ operation: 1000 });
  });

  test.each<[string, Fields, MalformedReason]>([
    ['an unknown type', { ...push, type: 3 }, 'type-unknown'],
    ['a type beyond int32', { ...push, type: 0, operation: 2n ** 31n }, 'operation-out-of-range'],
    ['an operation below int32', { ...push, operation: -(2n ** 31n) - 1n }, 'operation-out-of-range'],
    ['a speed beyond int32', { type: 2, speed: 2n ** 40n }, 'speed-out-of-range'],
    ['a negative speed', { type: 2, speed: -1 }, 'speed-out-of-range'],
    ['no server', { ...push, server: '' }, 'server-empty'],
    [
      'a server that no table key can hold',
      { ...push, server: 's'.repeat(MAX_ID_BYTES + 1) },
      'server-too-long',
    ],
    ['no keys', { ...push, keys: [] }, 'keys-empty'],
    ['an empty key', { ...push, keys: ['k1', ''] }, 'keys-empty'],
    ['too many bytes of keys', { ...push, keys: ['k'.repeat(MAX_KEYS_BYTES - 3)] }, 'keys-too-large'],
    [
      'keys that are too many bytes as JSON',
      { ...push, keys: Array(MAX_KEYS_BYTES / 8).fill('\u0000') },
      'keys-too-large',
    ],
    ['no room', { type: 1, operation: 1 }, 'room-empty'],
    ['a room that nobody can join', { type: 1, room: 'é'.repeat(MAX_ROOM_BYTES / 2 + 1) }, 'room-too-long'],
    ['a body over the limit', { ...push, msg: Buffer.alloc(MAX_BODY_BYTES + 1) }, 'body-too-large'],
  ])('names what is wrong with %s', (_name, fields, reason) => {
    expect(decode(encodePushMsg(fields))).toEqual(malformed(reason));
  });

  test.each([
    ['int32’s smallest operation', { ...push, operation: -(2n ** 31n) }],
    ['int32’s largest operation', { ...push, operation: 2n ** 31n - 1n }],
    ['keys at the limit', { ...push, keys: ['k'.repeat(MAX_KEYS_BYTES - 4)] }],
    ['27,000 keys', { ...push, keys: Array(27_000).fill('0b5a1d1e-5c0b-4a9b-8a43-3a9f2f4d5c6b') }],
    ['a room at the limit', { type: 1, room: 'é'.repeat(MAX_ROOM_BYTES / 2), operation: 7, msg: push.msg }],
    ['a body at the limit', { ...push, msg: Buffer.alloc(MAX_BODY_BYTES) }],
    ['an empty body', { ...push, msg: Buffer.alloc(0) }],
  ])('takes %s', (_name, fields) => {
    expect(decode(encodePushMsg(fields))).toMatchObject({
      operation: Number(fields.operation),
      body: Buffer.from(fields.msg).toString('base64'),
    });
  });

  test('rejects a message that is cut off anywhere inside a field', () => {
    const whole = encodePushMsg(push);
    const cuts = Array.from({ length: whole.length - 1 }, (_, index) => decode(whole.subarray(0, index + 1)));
    expect(
      cuts.every((decoded) => 'malformed' in decoded || decoded.operation !== 1000 || decoded.body === ''),
    ).toBe(true);
    expect(decode(whole.subarray(0, whole.length - 1))).toEqual(malformed('protobuf-malformed'));
  });

  test('rejects text that is not UTF-8', () => {
    const bytes = encodePushMsg({ ...push, server: 'comet' });
    bytes[bytes.indexOf('comet')] = 0xff;
    expect(decode(bytes)).toEqual(malformed('protobuf-malformed'));
  });

  test('decodes what was encoded', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((s) => s.isWellFormed());
    const fields = fc.record({
      operation: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      server: text,
      keys: fc.array(text, { minLength: 1, maxLength: 5 }),
      msg: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(fields, (m) => {
        expect(decode(encodePushMsg(m))).toEqual({
          target: { type: 'push', comet: m.server, keys: m.keys },
          operation: m.operation,
          body: Buffer.from(m.msg).toString('base64'),
        });
      }),
    );
  });
});

describe('goim v1 KafkaMsg', () => {
  test('decodes goim’s three examples', () => {
    const body = 'eyJ0ZXN0IjoxfQ==';
    expect(goim.kafkaMsgV1.map(decodeJson)).toEqual([
      { target: { type: 'push', comet: '1', keys: ['42_1', '42_2'] }, operation: 5, body },
      { target: { type: 'all', speed: 0 }, operation: 5, body },
      { target: { type: 'room', room: '1000' }, operation: 5, body },
    ]);
  });

  test('reads fields that Go left out as 0 and empty', () => {
    expect(decodeJson({ op: 'broadcast_room', msg: null })).toMatchObject({
      target: { room: '0' },
      body: '',
    });
    expect(decodeJson({ op: 'multiple', subkeys: ['a'] })).toMatchObject({ target: { comet: '0' } });
  });

  test.each<[string, unknown, MalformedReason]>([
    ['an unknown op', { op: 'ping', msg: '' }, 'type-unknown'],
    ['no keys', { op: 'multiple', subkeys: [] }, 'keys-empty'],
    ['keys of a wrong type', { op: 'multiple', subkeys: [1] }, 'json-wrong-type'],
    ['a server of a wrong type', { op: 'multiple', server: '1', subkeys: ['a'] }, 'json-wrong-type'],
    ['a room beyond int32', { op: 'broadcast_room', roomid: 2 ** 31 }, 'json-wrong-type'],
    ['a body that is not base64', { op: 'broadcast', msg: '{}' }, 'body-not-base64'],
    [
      'a body over the limit',
      { op: 'broadcast', msg: 'A'.repeat(4 * Math.ceil((MAX_BODY_BYTES + 1) / 3)) },
      'body-too-large',
    ],
  ])('names what is wrong with %s', (_name, value, reason) => {
    expect(decodeJson(value)).toEqual(malformed(reason));
  });

  test('rejects what only begins like JSON', () => {
    expect(decode(Buffer.from('{"op":"broadcast"'))).toEqual(malformed('json-malformed'));
    expect(decode(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toEqual(malformed('json-malformed'));
  });
});

describe('any value', () => {
  test.each([[undefined], [null], ['']])('%s is empty', (value) => {
    expect(decodeValue(value)).toEqual(malformed('value-empty'));
  });

  test.each([['not base64!'], ['abc'], ['EOgH IgdjbQ=='], [12], [{}]])('%j is not base64', (value) => {
    expect(decodeValue(value)).toEqual(malformed('value-not-base64'));
  });

  test('is a message or has a reason, whatever its bytes', () => {
    const nearly = fc.tuple(
      fc.constantFrom(...goim.pushMsgV2.map(({ value }) => value)),
      fc.nat(),
      fc.nat(255),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      nearly.map(([hex, at, byte]) => {
        const changed = Buffer.from(hex, 'hex');
        changed[at % changed.length] = byte;
        return changed;
      }),
      fc.json().map((json) => Buffer.from(json)),
    );
    fc.assert(
      fc.property(bytes, (value) => {
        const decoded = decode(value);
        expect('malformed' in decoded ? typeof decoded.malformed : typeof decoded.body).toBe('string');
      }),
      { numRuns: 2000 },
    );
  });
});
