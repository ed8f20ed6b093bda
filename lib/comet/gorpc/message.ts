import type { Op } from '../../domain/op.ts';
import { HEADER_BYTES, V1_OPERATION, V1_PACKET_VERSION, writeHeader } from '../../domain/packet.ts';
import { BYTES, INT, STRING, type StructType, slice, struct, UINT, type ValueOf } from '../../gob/type.ts';

/** goim v1's `Proto`, a packet. */
const PROTO = struct('Proto', { Ver: INT, Operation: INT, SeqId: INT, Body: BYTES });
export type Proto = ValueOf<typeof PROTO>;

/** What `net/rpc` writes before each argument. */
export const REQUEST = struct('Request', { ServiceMethod: STRING, Seq: UINT });

const NO_ARG = struct('NoArg', {});
export const PUSH_ARG = struct('MPushMsgArg', { Keys: slice(STRING), P: PROTO });
export const PUSHES_ARG = struct('MPushMsgsArg', {
  PMArgs: slice(struct('PushMsgArg', { Key: STRING, P: PROTO })),
});
export const BROADCAST_ARG = struct('BoardcastArg', { P: PROTO });
export const ROOM_ARG = struct('BoardcastRoomArg', { RoomId: INT, P: PROTO });

/** A method of goim v1's `PushRPC`, and its argument. */
export interface GorpcRequest {
  readonly method: 'MPushMsg' | 'MPushMsgs' | 'Broadcast' | 'BroadcastRoom' | 'Rooms';
  readonly type: StructType;
  readonly arg: Readonly<Record<string, unknown>>;
}

const request = <T extends StructType>(
  method: GorpcRequest['method'],
  type: T,
  arg: ValueOf<T>,
): GorpcRequest => ({ method, type, arg: arg as GorpcRequest['arg'] });

export const ROOMS_REQUEST = request('Rooms', NO_ARG, {});

/** An op of a delivery, by its place there, and its body in bytes. */
export interface Message<T extends Op = Op> {
  readonly index: number;
  readonly op: T;
  readonly body: Buffer;
}

/** Messages with one target, in order. */
export type Messages<T extends Op = Op> = readonly [Message<T>, ...Message<T>[]];

const packetsOf = (messages: Messages): Buffer => {
  const bytes = messages.reduce((sum, { body }) => sum + HEADER_BYTES + body.length, 0);
  const packets = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const { op, body } of messages) {
    const header = { version: V1_PACKET_VERSION, operation: op.operation, sequence: 0 };
    writeHeader(packets, at, header, body.length);
    packets.set(body, at + HEADER_BYTES);
    at += HEADER_BYTES + body.length;
  }
  return packets;
};

/** A room's messages go out as packets in a raw one, as goim's job sends them; so do several to the same keys. */
const protoOf = (messages: Messages): Proto => {
  const [{ op, body }, ...others] = messages;
  const common = { Ver: V1_PACKET_VERSION, SeqId: 0 };
  return op.type === 'room' || others.length > 0
    ? { ...common, Operation: V1_OPERATION.raw, Body: packetsOf(messages) }
    : { ...common, Operation: op.operation, Body: body };
};

/** The one call that takes these messages to their target. Throws a RangeError if a number does not fit its field. */
export const targetRequest = (messages: Messages): GorpcRequest => {
  const [{ op }] = messages;
  const P = protoOf(messages);
  switch (op.type) {
    case 'push':
      return request('MPushMsg', PUSH_ARG, { Keys: op.keys, P });
    case 'room':
      return request('BroadcastRoom', ROOM_ARG, { RoomId: Number(op.room), P });
    case 'all':
      return request('Broadcast', BROADCAST_ARG, { P });
  }
};

/** One call for pushes to several targets; the comet takes them in order. */
export const pushesRequest = (pushes: readonly Messages[]): GorpcRequest =>
  request('MPushMsgs', PUSHES_ARG, {
    PMArgs: pushes.flatMap((messages) => {
      const P = protoOf(messages);
      return (messages as Messages<Op & { type: 'push' }>)[0].op.keys.map((Key) => ({ Key, P }));
    }),
  });
