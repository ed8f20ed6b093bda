import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { MAX_BODY_BYTES, MAX_ID_BYTES, MAX_ROOM_BYTES } from '../domain/limits.ts';
import type { MalformedReason, Target } from '../domain/push-message.ts';
import type { Decoded } from './content.ts';
import { keysProblem } from './keys.ts';

interface PushMsg {
  type: number;
  operation: number;
  speed: number;
  server: string;
  room: string;
  keys: string[];
  msg: Buffer;
}

class Malformed extends Error {
  readonly reason: MalformedReason;
  constructor(reason: MalformedReason) {
    super(reason);
    this.reason = reason;
  }
}

const NO_BYTES = Buffer.alloc(0);
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** Rejects what does not fit, where protobuf's own rule would cut the high bits off. */
const int32 = (reader: BinaryReader, first: number | undefined, reason: MalformedReason): number => {
  if (first !== undefined && first < 0x80) return reader.uint32();
  const wide = BigInt(reader.int64());
  if (wide < INT32_MIN || wide > INT32_MAX) throw new Malformed(reason);
  return Number(wide);
};

/** A field number and its wire type as one number, so that a known number of another type is skipped as unknown. */
const field = (number: number, wireType: WireType): number => (number << 3) | wireType;
const TYPE = field(1, WireType.Varint);
const OPERATION = field(2, WireType.Varint);
const SPEED = field(3, WireType.Varint);
const SERVER = field(4, WireType.LengthDelimited);
const ROOM = field(5, WireType.LengthDelimited);
const KEYS = field(6, WireType.LengthDelimited);
const MSG = field(7, WireType.LengthDelimited);

const readField = (reader: BinaryReader, bytes: Buffer, into: PushMsg): void => {
  const [number, wireType] = reader.tag();
  switch (field(number, wireType)) {
    case TYPE:
      into.type = int32(reader, bytes[reader.pos], 'type-unknown');
      return;
    case OPERATION:
      into.operation = int32(reader, bytes[reader.pos], 'operation-out-of-range');
      return;
    case SPEED:
      into.speed = int32(reader, bytes[reader.pos], 'speed-out-of-range');
      return;
    case SERVER:
      into.server = reader.string(true);
      return;
    case ROOM:
      into.room = reader.string(true);
      return;
    case KEYS:
      into.keys.push(reader.string(true));
      return;
    case MSG:
      // A view of a Buffer is a Buffer.
      into.msg = reader.bytes() as Buffer;
      return;
    default:
      reader.skip(wireType, number);
  }
};

const read = (bytes: Buffer): PushMsg | MalformedReason => {
  const reader = new BinaryReader(bytes);
  const into: PushMsg = { type: 0, operation: 0, speed: 0, server: '', room: '', keys: [], msg: NO_BYTES };
  try {
    while (reader.pos < reader.len) readField(reader, bytes, into);
  } catch (error) {
    return error instanceof Malformed ? error.reason : 'protobuf-malformed';
  }
  return into;
};

const pushTarget = ({ server, keys }: PushMsg, size: number): Target | MalformedReason => {
  if (server === '') return 'server-empty';
  if (Buffer.byteLength(server) > MAX_ID_BYTES) return 'server-too-long';
  return keysProblem(keys, size) ?? { type: 'push', comet: server, keys };
};

const roomTarget = ({ room }: PushMsg): Target | MalformedReason => {
  if (room === '') return 'room-empty';
  return Buffer.byteLength(room) > MAX_ROOM_BYTES ? 'room-too-long' : { type: 'room', room };
};

const targetOf = (message: PushMsg, size: number): Target | MalformedReason => {
  switch (message.type) {
    case 0:
      return pushTarget(message, size);
    case 1:
      return roomTarget(message);
    case 2:
      return message.speed < 0 ? 'speed-out-of-range' : { type: 'all', speed: message.speed };
    default:
      return 'type-unknown';
  }
};

/** goim v2's `goim.logic.PushMsg` (proto/logic.proto). */
export const decodePushMsg = (bytes: Buffer): Decoded => {
  const message = read(bytes);
  if (typeof message === 'string') return { malformed: message };
  if (message.msg.length > MAX_BODY_BYTES) return { malformed: 'body-too-large' };
  const target = targetOf(message, bytes.length);
  if (typeof target === 'string') return { malformed: target };
  return { target, operation: message.operation, body: message.msg.toString('base64') };
};
