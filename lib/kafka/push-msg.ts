import { BinaryReader } from '@bufbuild/protobuf/wire';
import { MAX_BODY_BYTES } from '../domain/limits.ts';
import type { MalformedReason } from '../domain/push-message.ts';
import type { Decoded } from './content.ts';
import {
  field,
  KEYS,
  MSG,
  OPERATION,
  type PushMsgHead,
  ROOM,
  SERVER,
  SPEED,
  TYPE,
  targetOf,
} from './push-msg-fields.ts';

interface PushMsg extends PushMsgHead {
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

/** goim v2's `goim.logic.PushMsg` (proto/logic.proto). */
export const decodePushMsg = (bytes: Buffer): Decoded => {
  const message = read(bytes);
  if (typeof message === 'string') return { malformed: message };
  if (message.msg.length > MAX_BODY_BYTES) return { malformed: 'body-too-large' };
  const target = targetOf(message, bytes.length);
  if (typeof target === 'string') return { malformed: target };
  return { target, operation: message.operation, body: message.msg.toString('base64') };
};
