import { expect, test } from 'vitest';
import { type Message, pushesRequest, REQUEST, targetRequest } from '../../../lib/comet/gorpc/message.ts';
import type { Op, PushOp, RoomOp } from '../../../lib/domain/op.ts';
import { createGobEncoder } from '../../../lib/gob/encoder.ts';
import { goim } from '../../vectors.ts';

const base = { id: 't/0/1', operation: 5, timestamp: 5, body: '' };
const push: PushOp = { ...base, type: 'push', keys: ['42_1'] };
const room: RoomOp = { ...base, type: 'room', room: '1000' };
const message = <T extends Op>(op: T, text = '{"test":1}'): Message<T> => ({
  op,
  index: 0,
  body: Buffer.from(text),
});
const V1_PACKET = goim['v1Room packet in BroadcastRoom body'];

test("a push's second call is goim's own bytes", () => {
  const encoder = createGobEncoder();
  const { method, type, arg } = targetRequest([message(push)]);
  const write = (seq: number): string => {
    encoder.write(REQUEST, { ServiceMethod: `PushRPC.${method}`, Seq: seq });
    encoder.write(type, arg);
    return encoder.take().toString('hex');
  };
  write(0);
  // Without the numbers of the two types, which are given as they are first used: goim's job had used others before.
  const bytes = goim.gobV1['MPushMsg, the second call, key 42_1'];
  expect(write(2).replaceAll(/ff8[0-9a-f]/g, '')).toBe(bytes.replaceAll(/ff8[0-9a-f]/g, ''));
});

test('a push and a broadcast have their body as it is, with operation 5 or their own', () => {
  const raw = { Ver: 0, SeqId: 0, Operation: 5, Body: Buffer.from('{"test":1}') };
  expect(targetRequest([message(push)])).toMatchObject({
    method: 'MPushMsg',
    arg: { Keys: ['42_1'], P: raw },
  });
  const all: Op = { ...base, type: 'all', speed: 100 };
  expect(targetRequest([message(all)])).toMatchObject({ method: 'Broadcast', arg: { P: raw } });
  const ofV2 = { ...push, operation: 1000 };
  expect(targetRequest([message(ofV2)])).toMatchObject({ arg: { P: { ...raw, Operation: 1000 } } });
});

test("a room's message is a packet within one of operation 11, also if it is alone", () => {
  const { method, arg } = targetRequest([message(room)]);
  const P = arg['P'] as { readonly Body: Buffer };
  expect([method, arg['RoomId'], { ...P, Body: P.Body.toString('hex') }]).toEqual([
    'BroadcastRoom',
    1000,
    { Ver: 0, SeqId: 0, Operation: 11, Body: V1_PACKET },
  ]);
});

test('several messages to one target are packets within one, each with its own operation', () => {
  const second = { ...room, operation: 1000 };
  const { arg } = targetRequest([message(room), message(second)]);
  const { Body } = arg['P'] as { readonly Body: Buffer };
  expect(Body.toString('hex')).toBe(V1_PACKET + V1_PACKET.replace('00000005', '000003e8'));
});

test('pushes to several targets are one call', () => {
  const { method, arg } = pushesRequest([
    [message(push)],
    [message({ ...push, keys: ['a', 'b'] }), message(push)],
  ]);
  const list = arg['PMArgs'] as readonly {
    readonly Key: string;
    readonly P: { readonly Operation: number };
  }[];
  expect([method, list.map(({ Key, P }) => [Key, P.Operation])]).toEqual([
    'MPushMsgs',
    [
      ['42_1', 5],
      ['a', 11],
      ['b', 11],
    ],
  ]);
});
