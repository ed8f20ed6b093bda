import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Op } from '../../domain/op.ts';
import { HEADER_BYTES, OPERATION, PACKET_VERSION, writeHeader } from '../../domain/packet.ts';

/** A method of `goim.comet.Comet`, as in stock goim v2. */
export type Method = 'PushMsg' | 'BroadcastRoom' | 'Broadcast' | 'Rooms';

export interface GrpcRequest {
  readonly method: Method;
  /** The message in gRPC's five-byte frame. */
  readonly frame: Buffer;
}

/** A flag for compression and four bytes of length. */
export const FRAME_BYTES = 5;
const EMPTY_FRAME = Buffer.alloc(FRAME_BYTES);
const METHOD_BY_TYPE = { push: 'PushMsg', room: 'BroadcastRoom', all: 'Broadcast' } as const;

export const ROOMS_REQUEST: GrpcRequest = { method: 'Rooms', frame: EMPTY_FRAME };

const packetBytes = ({ body }: Op): number => HEADER_BYTES + Buffer.byteLength(body, 'base64');

/** An op's packet, from base64 straight to its place. Answers where it ends. */
const writePacket = (into: Buffer, start: number, { operation, body }: Op): number => {
  const bodyBytes = into.write(body, start + HEADER_BYTES, 'base64');
  writeHeader(into, start, { version: PACKET_VERSION, operation, sequence: 0 }, bodyBytes);
  return start + HEADER_BYTES + bodyBytes;
};

const varintBytes = (value: number): number => (value < 0x80 ? 1 : 1 + varintBytes(value >>> 7));

/** `ver` and `op` of a raw packet; the body's tag and length follow. */
const RAW_BYTES = new BinaryWriter()
  .tag(1, WireType.Varint)
  .int32(PACKET_VERSION)
  .tag(2, WireType.Varint)
  .int32(OPERATION.raw)
  .finish();

/** `Proto{ver, op, body}` up to its body. */
const writeProtoHead = (writer: BinaryWriter, field: number, bodyBytes: number): void => {
  writer
    .tag(field, WireType.LengthDelimited)
    .uint32(RAW_BYTES.length + 1 + varintBytes(bodyBytes) + bodyBytes)
    .raw(RAW_BYTES)
    .tag(4, WireType.LengthDelimited)
    .uint32(bodyBytes);
};

const writeString = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value);
};

/** Protobuf leaves a zero out. */
const writeInt32 = (writer: BinaryWriter, field: number, value: number): void => {
  if (value !== 0) writer.tag(field, WireType.Varint).int32(value);
};

const writeHead = (writer: BinaryWriter, like: Op, bodyBytes: number): void => {
  switch (like.type) {
    case 'push':
      for (const key of like.keys) writeString(writer, 1, key);
      writeProtoHead(writer, 2, bodyBytes);
      return;
    case 'room':
      writeString(writer, 1, like.room);
      writeProtoHead(writer, 2, bodyBytes);
      return;
    case 'all':
      writeInt32(writer, 1, like.operation);
      writeProtoHead(writer, 2, bodyBytes);
      return;
  }
};

const writeTail = (writer: BinaryWriter, like: Op): void => {
  if (like.type === 'push') writeInt32(writer, 3, like.operation);
  if (like.type === 'all') writeInt32(writer, 3, like.speed);
};

/** One for all messages: it keeps its buffer, which each new one would have to grow. */
let sharedWriter = new BinaryWriter();
const written = (write: (writer: BinaryWriter) => void): Uint8Array => {
  try {
    write(sharedWriter);
    return sharedWriter.finish();
  } catch (error) {
    // Half of a message is in it.
    sharedWriter = new BinaryWriter();
    throw error;
  }
};

/** Ops with one target, in order. */
export type Ops<T extends Op = Op> = readonly [T, ...T[]];

/** The call that takes these ops to their target, in one raw packet. Throws if a number does not fit its field, or a body is not base64. */
export const encodeCall = (ops: Ops): GrpcRequest => {
  const [like] = ops;
  const bodyBytes = ops.reduce((sum, op) => sum + packetBytes(op), 0);
  const head = written((writer) => writeHead(writer, like, bodyBytes));
  const tail = written((writer) => writeTail(writer, like));
  const frame = Buffer.allocUnsafe(FRAME_BYTES + head.length + bodyBytes + tail.length);
  frame[0] = 0;
  frame.writeUInt32BE(frame.length - FRAME_BYTES, 1);
  frame.set(head, FRAME_BYTES);
  let at = FRAME_BYTES + head.length;
  for (const op of ops) at = writePacket(frame, at, op);
  if (at + tail.length !== frame.length) throw new RangeError('A body is not base64');
  frame.set(tail, at);
  return { method: METHOD_BY_TYPE[like.type], frame };
};
