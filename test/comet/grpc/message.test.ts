import { describe, expect, test } from 'vitest';
import { encodeCall } from '../../../lib/comet/grpc/message.ts';
import { readRooms, unframe } from '../../../lib/comet/grpc/reply.ts';
import type { Op } from '../../../lib/domain/op.ts';
import {
  readBroadcast,
  readBroadcastRoom,
  readPushMsg,
  writeRooms,
} from '../../../local/comet/grpc/messages.ts';
import { goim } from '../../vectors.ts';

const { grpcV2 } = goim;
const base = { id: 't/0/1', operation: 1000, timestamp: 5 };
const bodyOf = (text: string): string => Buffer.from(text).toString('base64');
const body = bodyOf('{"test":1}');
const push: Op = { ...base, type: 'push', keys: ['k1', 'k2'], body };
const room: Op = { ...base, type: 'room', room: 'live://1000', body };
const all: Op = { ...base, type: 'all', speed: 250, body };

describe("goim's own bytes", () => {
  test('are those of a push to two keys, in a frame', () => {
    expect(encodeCall([push])).toEqual({
      method: 'PushMsg',
      frame: Buffer.from(grpcV2['PushMsgReq k1,k2 frame prefix'] + grpcV2['PushMsgReq k1,k2'], 'hex'),
    });
  });

  test('are those of two messages to a room', () => {
    const second: Op = { ...room, body: bodyOf('{"test":2}') };
    const { method, frame } = encodeCall([room, second]);
    expect([method, frame.subarray(0, 5).toString('hex'), frame.subarray(5).toString('hex')]).toEqual([
      'BroadcastRoom',
      '0000000049',
      grpcV2['BroadcastRoomReq live://1000, 2 messages {"test":1} {"test":2}'],
    ]);
  });

  test('are those of a broadcast with a speed', () => {
    const { method, frame } = encodeCall([all]);
    expect([method, frame.subarray(5).toString('hex')]).toEqual([
      'Broadcast',
      grpcV2['BroadcastReq speed 250'],
    ]);
  });

  test('are read as the rooms of a comet', () => {
    expect(readRooms(Buffer.from(grpcV2['RoomsReply live://1000'], 'hex'))).toEqual(new Set(['live://1000']));
  });
});

describe('a request', () => {
  test.each([-1, -(2 ** 31), 0, 2 ** 31 - 1])('carries the operation %i', (operation) => {
    const request = readPushMsg(unframe(encodeCall([{ ...push, operation }]).frame));
    expect(request).toMatchObject({ keys: ['k1', 'k2'], protoOp: operation });
    expect(Buffer.from(request.proto?.body ?? []).readInt32BE(8)).toBe(operation);
  });

  test('leaves a speed of 0 out', () => {
    expect(readBroadcast(unframe(encodeCall([{ ...all, speed: 0 }]).frame)).speed).toBe(0);
    expect(encodeCall([{ ...all, speed: 0 }]).frame.length).toBe(encodeCall([all]).frame.length - 3);
  });

  test('carries large messages and names beyond ASCII whole', () => {
    const large = Buffer.alloc(200_000, 7);
    const named = { ...room, room: 'живой://комната', body: large.toString('base64') } as const;
    const request = readBroadcastRoom(unframe(encodeCall([named, named]).frame));
    expect(request.room).toBe('живой://комната');
    expect(request.proto).toMatchObject({ version: 1, operation: 9, sequence: 0 });
    expect(request.proto?.body.length).toBe(2 * (16 + large.length));
  });

  test('that cannot be encoded leaves nothing behind for the next one', () => {
    expect(() => encodeCall([{ ...push, operation: 2 ** 31 }])).toThrow();
    expect(() => encodeCall([{ ...all, speed: 2 ** 31 }])).toThrow();
    expect(() => encodeCall([{ ...push, body: 'a b c d ' }])).toThrow(RangeError);
    expect(encodeCall([push]).frame.subarray(5).toString('hex')).toBe(grpcV2['PushMsgReq k1,k2']);
  });
});

describe('a room list', () => {
  test('is empty, or has each room once, also a room beyond ASCII', () => {
    expect(readRooms(Buffer.alloc(0))).toEqual(new Set());
    expect(readRooms(writeRooms(['a', 'живой://1', 'a']))).toEqual(new Set(['a', 'живой://1']));
  });

  test('may have fields that nobody knows, and rooms that nobody is in', () => {
    const unknown = Buffer.from('7a0178', 'hex');
    const nobody = Buffer.from('0a050a016e1000', 'hex');
    expect(readRooms(Buffer.concat([unknown, writeRooms(['a']), nobody]))).toEqual(new Set(['a']));
  });

  test.each([
    ['is cut off', '0a0f0a0b6c697665'],
    ['has a room without a name', '0a021001'],
    ['has an entry that is longer than its field', '0a040a05616263'],
    ['has a name that is not UTF-8', '0a060a02c3281001'],
    ['is no protobuf', 'ffffffffff'],
  ])('that %s is malformed', (_name, hex) => {
    expect(() => readRooms(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'COMET_REPLY_MALFORMED' }),
    );
  });
});
