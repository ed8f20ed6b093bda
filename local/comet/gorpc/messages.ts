import { encodePacket, V1_PACKET_VERSION } from '../../../lib/domain/packet.ts';
import type { GobMessage } from '../../../lib/gob/decoder.ts';
import {
  BYTES,
  INT,
  STRING,
  type StructType,
  set,
  slice,
  struct,
  UINT,
  type ValueOf,
} from '../../../lib/gob/type.ts';

export const RESPONSE = struct('Response', { ServiceMethod: STRING, Seq: UINT, Error: STRING });

const NO_REPLY = struct('NoReply', {});
const PUSH_REPLY = struct('MPushMsgReply', { Index: INT });
/** v1.2's, and that of the versions since 2016-08-22. */
const ROOMS_REPLY = {
  list: struct('RoomsReply', { RoomIds: slice(INT) }),
  set: struct('RoomsReply', { RoomIds: set(INT) }),
};
export type RoomsVariant = keyof typeof ROOMS_REPLY;

/** A message as v1's job sends it: its own packet. */
export const barePacket = (operation: number, body: Uint8Array): Buffer =>
  encodePacket({ version: V1_PACKET_VERSION, operation, sequence: 0, body });

/** A reply's type and value, as gob takes it. */
export interface V1Reply {
  readonly type: StructType;
  readonly value: Readonly<Record<string, unknown>>;
}

export const NOTHING: V1Reply = { type: NO_REPLY, value: {} };
export const pushReply = (Index: number): V1Reply => ({ type: PUSH_REPLY, value: { Index } });
export const roomsReply = (variant: RoomsVariant, RoomIds: readonly number[]): V1Reply => ({
  type: ROOMS_REPLY[variant],
  value: { RoomIds },
});

/** The reply with a field that nobody knows, for more than `bytes` in all. */
export const padded = ({ type, value }: V1Reply, bytes: number): V1Reply => ({
  type: struct(type.name, { ...type.fields, Padding: BYTES }),
  value: { ...value, Padding: Buffer.alloc(bytes) },
});

export type ReadArg = <T extends StructType>(type: T) => ValueOf<T>;
export const argReader =
  (message: GobMessage): ReadArg =>
  (type) =>
    message.read(type);
