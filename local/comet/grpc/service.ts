import { decodePackets, OPERATION, type Packet } from '../../../lib/domain/packet.ts';
import type { Connections } from '../clients/connections.ts';
import { broadcastLater, type OpHooks, type OpTarget, tellOps } from '../stock.ts';
import { createRoomRuns, type Traps } from '../traps.ts';
import {
  type CometProto,
  packetOf,
  readBroadcast,
  readBroadcastRoom,
  readPushMsg,
  writeRooms,
} from './messages.ts';

export interface CometServiceOptions extends OpHooks {
  readonly connections: Connections;
  readonly maxBodyBytes: number;
  readonly traps: Traps;
}

/** gRPC's codes that this comet answers. */
export const CODE = { unknown: 2, invalidArgument: 3, internal: 13 } as const;

/** An answer that is not OK. */
export class CallError extends Error {
  readonly code: number;
  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** A method by its name: the request's message in, the reply's out. Throws a `CallError`. */
export type CometService = Readonly<Record<string, (message: Uint8Array) => Buffer>>;

const EMPTY = Buffer.alloc(0);

/** The messages of a raw packet; this comet refuses what its clients could not read. */
const messagesOf = ({ operation, body }: CometProto, maxBodyBytes: number): readonly Packet[] => {
  const decoded = operation === OPERATION.raw ? decodePackets(body) : undefined;
  if (decoded?.kind !== 'packets') throw new CallError(CODE.invalidArgument, 'the body is no packets');
  const large = decoded.packets.find((packet) => packet.body.length > maxBodyBytes);
  if (large !== undefined)
    throw new CallError(CODE.invalidArgument, `a body of ${large.body.length} bytes is too large`);
  return decoded.packets;
};

/** The methods of stock goim's `goim.comet.Comet`, with its own words for what is missing. */
export const createCometService = (options: CometServiceOptions): CometService => {
  const { connections, maxBodyBytes, traps } = options;
  const runInRoom = createRoomRuns(traps.swapsWithinMs);
  const tell = (target: OpTarget, messages: readonly Packet[]): void => {
    if (!tellOps(options, target, messages))
      throw new CallError(CODE.internal, 'a message that this comet fails on');
  };

  const pushMsg = (message: Uint8Array): Buffer => {
    const { keys, proto, protoOp } = readPushMsg(message);
    if (keys.length === 0 || proto === undefined) throw new CallError(CODE.unknown, 'rpc pushmsg arg error');
    tell({ type: 'push', keys }, messagesOf(proto, maxBodyBytes));
    const packet = packetOf(proto);
    for (const key of keys) {
      const taken = connections.push([key], protoOp, packet);
      if (!taken && traps.fullFails) throw new CallError(CODE.unknown, 'signal channel full, msg dropped');
    }
    return EMPTY;
  };

  const broadcastRoom = (message: Uint8Array): Buffer => {
    const { room, proto } = readBroadcastRoom(message);
    if (room === '' || proto === undefined)
      throw new CallError(CODE.unknown, 'rpc broadcast  room arg error');
    const messages = messagesOf(proto, maxBodyBytes);
    runInRoom(room, () => {
      tell({ type: 'room', room }, messages);
      connections.toRoom(room, packetOf(proto));
    });
    return EMPTY;
  };

  const broadcast = (message: Uint8Array): Buffer => {
    const { proto, protoOp, speed } = readBroadcast(message);
    if (proto === undefined) throw new CallError(CODE.unknown, 'rpc broadcast arg error');
    tell({ type: 'all', speed }, messagesOf(proto, maxBodyBytes));
    const packet = packetOf(proto);
    if (traps.laterBroadcast === undefined) connections.toAll(protoOp, packet);
    else setImmediate(broadcastLater, connections, traps.laterBroadcast, protoOp, speed, packet);
    return EMPTY;
  };

  return {
    PushMsg: pushMsg,
    BroadcastRoom: broadcastRoom,
    Broadcast: broadcast,
    Rooms: () => writeRooms(connections.rooms()),
  };
};
