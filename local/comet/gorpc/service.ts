import {
  BROADCAST_ARG,
  type Proto,
  PUSH_ARG,
  PUSHES_ARG,
  ROOM_ARG,
} from '../../../lib/comet/gorpc/message.ts';
import { decodePackets, encodePacket, type Packet, V1_OPERATION } from '../../../lib/domain/packet.ts';
import type { Connections } from '../clients/connections.ts';
import { broadcastLater, type OpHooks, type OpTarget, tellOps } from '../stock.ts';
import { createRoomRuns, type Traps } from '../traps.ts';
import { NOTHING, pushReply, type ReadArg, type RoomsVariant, roomsReply, type V1Reply } from './messages.ts';

export interface PushServiceOptions extends OpHooks {
  readonly connections: Connections;
  readonly maxBodyBytes: number;
  readonly traps: Traps;
  readonly roomsVariant: RoomsVariant;
}

/** An answer that is an error, in these words. */
export class CallError extends Error {}

/** A method by its name. Throws a `CallError`. */
export type PushService = Readonly<Record<string, (read: ReadArg) => V1Reply>>;

const packetOf = ({ Ver, Operation, SeqId, Body }: Proto): Packet => ({
  version: Ver,
  operation: Operation,
  sequence: SeqId,
  body: Body,
});

/** The messages of a packet, which are packets themselves if it is a raw one. Throws a `CallError` with these words. */
const messagesOf = (proto: Proto, words: string, maxBodyBytes: number): readonly Packet[] => {
  const decoded = proto.Operation === V1_OPERATION.raw ? decodePackets(proto.Body) : undefined;
  const messages = decoded?.kind === 'packets' ? decoded.packets : [packetOf(proto)];
  if (decoded?.kind === 'malformed' || messages.some(({ body }) => body.length > maxBodyBytes))
    throw new CallError(words);
  return messages;
};

/** As v1 writes it to a WebSocket: a raw packet's own packets, bare. */
const frameOf = (proto: Proto): Buffer =>
  proto.Operation === V1_OPERATION.raw ? Buffer.from(proto.Body) : encodePacket(packetOf(proto));

const idsOf = (rooms: readonly string[]): number[] =>
  rooms.filter((room) => `${Number(room) | 0}` === room).map(Number);

/** The methods of goim v1's `PushRPC`. It filters nothing by operation, and says of a full connection that all is well. */
export const createPushService = (options: PushServiceOptions): PushService => {
  const { connections, maxBodyBytes, traps, roomsVariant } = options;
  const runInRoom = createRoomRuns(traps.swapsWithinMs);
  const tell = (target: OpTarget, messages: readonly Packet[]): void => {
    if (!tellOps(options, target, messages)) throw new CallError('a message that this comet fails on');
  };
  const push = (keys: readonly string[], proto: Proto, words: string): void => {
    tell({ type: 'push', keys }, messagesOf(proto, words, maxBodyBytes));
    connections.push(keys, undefined, frameOf(proto));
  };
  return {
    Ping: () => NOTHING,
    MPushMsg: (read) => {
      const { Keys, P } = read(PUSH_ARG);
      push(Keys, P, 'rpc mpushmsg arg error');
      return pushReply(Keys.length - 1);
    },
    MPushMsgs: (read) => {
      const pushes = read(PUSHES_ARG).PMArgs;
      for (const { P } of pushes) messagesOf(P, 'rpc mpushmsgs arg error', maxBodyBytes);
      for (const { Key, P } of pushes) push([Key], P, '');
      return pushReply(pushes.length);
    },
    BroadcastRoom: (read) => {
      const { RoomId, P } = read(ROOM_ARG);
      const messages = messagesOf(P, 'rpc broadcast  room arg error', maxBodyBytes);
      runInRoom(`${RoomId}`, () => {
        tell({ type: 'room', room: `${RoomId}` }, messages);
        connections.toRoom(`${RoomId}`, frameOf(P));
      });
      return NOTHING;
    },
    Broadcast: (read) => {
      const { P } = read(BROADCAST_ARG);
      tell({ type: 'all', speed: 0 }, messagesOf(P, 'rpc broadcast arg error', maxBodyBytes));
      if (traps.laterBroadcast === undefined) connections.toAll(undefined, frameOf(P));
      else setImmediate(broadcastLater, connections, traps.laterBroadcast, undefined, 0, frameOf(P));
      return NOTHING;
    },
    Rooms: () => roomsReply(roomsVariant, idsOf(connections.rooms())),
  };
};
