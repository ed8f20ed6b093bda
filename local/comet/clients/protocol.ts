import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { encodePacket, OPERATION, type Packet } from '../../../lib/domain/packet.ts';
import type { Connection, Connections } from './connections.ts';

/** What a client's auth packet asks for; absent fields are empty, as in Go. */
const Auth = v.object({
  key: v.nullish(v.string(), ''),
  room_id: v.nullish(v.string(), ''),
  accepts: v.nullish(v.array(v.pipe(v.number(), v.integer())), []),
});

/** How a connection reaches its socket. */
export type ConnectionWire = Pick<Connection, 'send' | 'close'>;

const textOf = (body: Uint8Array): string => Buffer.from(body).toString();

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The connection that an auth packet's body describes, or undefined if it is not of that form. */
export const authenticate = (body: Uint8Array, wire: ConnectionWire): Connection | undefined => {
  const auth = v.safeParse(Auth, parseJson(textOf(body)));
  if (!auth.success) return undefined;
  const { key, room_id: room, accepts } = auth.output;
  return { key: key || randomUUID(), room, accepts: new Set(accepts), ...wire };
};

/** The operations of `1000,1001`; none if any of them is not a number, as in goim. */
const operationsIn = (body: Uint8Array): number[] => {
  const operations = textOf(body).split(',');
  return operations.every((operation) => /^-?\d+$/.test(operation)) ? operations.map(Number) : [];
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/** The reply to a packet, which keeps its version and sequence, and its body if none is given. */
export const replyTo = (packet: Packet, operation: number, body = packet.body): Buffer =>
  encodePacket({ ...packet, operation, body });

/** Does what an authenticated client's packet asks and answers the reply; undefined: the comet says nothing to it. */
export const operate = (
  packet: Packet,
  connection: Connection,
  connections: Connections,
): Buffer | undefined => {
  const { operation, body } = packet;
  switch (operation) {
    case OPERATION.heartbeat:
      return replyTo(packet, OPERATION.heartbeatReply, int32(connections.onlineIn(connection.room)));
    case OPERATION.changeRoom:
      connections.changeRoom(connection, textOf(body));
      return replyTo(packet, OPERATION.changeRoomReply);
    case OPERATION.subscribe:
      for (const accepted of operationsIn(body)) connection.accepts.add(accepted);
      return replyTo(packet, OPERATION.subscribeReply);
    case OPERATION.unsubscribe:
      for (const accepted of operationsIn(body)) connection.accepts.delete(accepted);
      return replyTo(packet, OPERATION.unsubscribeReply);
    default:
      return undefined;
  }
};
