import { describe, expect, test } from 'vitest';
import { decodePushMsg } from '../../lib/kafka/push-msg.ts';
import { decodeShortPushMsg } from '../../lib/kafka/short-push-msg.ts';
import { encodeV2, type PushTarget } from '../../local/commands/push-record.ts';
import { goim } from '../vectors.ts';

const decode = (bytes: Uint8Array) => decodeShortPushMsg(Buffer.from(bytes).toString('base64'));
const encode = (target: PushTarget, body = '{}') =>
  encodeV2({ target, operation: 1000, body: Buffer.from(body) }).value;
const toRoom = (room: string) => encode({ type: 'room', room });

describe('a short PushMsg', () => {
  test.each(goim.pushMsgV2)('has all of goim’s bytes of $name', ({ eventValueB64 }) => {
    const whole = decodePushMsg(Buffer.from(eventValueB64, 'base64'));
    expect(decodeShortPushMsg(eventValueB64)).toEqual(whole);
  });

  test('has ids of ASCII, however often they come', () => {
    const rooms = ['live://1', 'live://2', 'live://1', 'live://10', 'live:/'];
    expect(rooms.map((room) => decode(toRoom(room)))).toMatchObject(
      rooms.map((room) => ({ target: { type: 'room', room } })),
    );
  });

  test.each<[string, Uint8Array]>([
    ['letters that are not ASCII', toRoom('é')],
    ['a body of 1 KiB', encode({ type: 'room', room: 'r' }, 'x'.repeat(1_024))],
    ['a number of more than 28 bits', encode({ type: 'all', speed: 2 ** 28 })],
    ['an unknown field', Buffer.concat([toRoom('r'), Buffer.from([0x40, 1])])],
    ['a length beyond its end', Buffer.concat([toRoom('r'), Buffer.from([0x3a, 0x7f])])],
    ['JSON', Buffer.from('{"op":"broadcast"}')],
  ])('is none with %s, however often it comes', (_name, bytes) => {
    expect([decode(bytes), decode(bytes)]).toEqual([undefined, undefined]);
  });

  test.each(['EOgH IgdjbQ=', 'EOgHIgdjbQ', 'EOgH\u0141gdj'])('is none in what is no base64: %s', (text) => {
    expect(decodeShortPushMsg(text)).toBeUndefined();
  });
});
