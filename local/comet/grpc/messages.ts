import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { encodePacket } from '../../../lib/domain/packet.ts';

/** `PushMsgReq`, `BroadcastRoomReq` and `BroadcastReq` in one: what is absent is empty. */
export interface CometRequest {
  readonly keys: string[];
  room: string;
  protoOp: number;
  speed: number;
  /** Undefined: the request has no `Proto`. */
  proto: CometProto | undefined;
}

export interface CometProto {
  version: number;
  operation: number;
  sequence: number;
  body: Uint8Array;
}

type Field = (reader: BinaryReader) => void;

/** Calls the field's function for each field of the message; unknown ones are skipped. */
const readFields = (bytes: Uint8Array, fields: Readonly<Record<number, Field>>): void => {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const read = fields[number];
    if (read === undefined) reader.skip(wireType, number);
    else read(reader);
  }
};

const readProto = (bytes: Uint8Array): CometProto => {
  const proto: CometProto = { version: 0, operation: 0, sequence: 0, body: Buffer.alloc(0) };
  readFields(bytes, {
    1: (reader) => {
      proto.version = reader.int32();
    },
    2: (reader) => {
      proto.operation = reader.int32();
    },
    3: (reader) => {
      proto.sequence = reader.int32();
    },
    4: (reader) => {
      proto.body = reader.bytes();
    },
  });
  return proto;
};

const empty = (): CometRequest => ({ keys: [], room: '', protoOp: 0, speed: 0, proto: undefined });

export const readPushMsg = (bytes: Uint8Array): CometRequest => {
  const request = empty();
  readFields(bytes, {
    1: (reader) => request.keys.push(reader.string()),
    2: (reader) => {
      request.proto = readProto(reader.bytes());
    },
    3: (reader) => {
      request.protoOp = reader.int32();
    },
  });
  return request;
};

export const readBroadcastRoom = (bytes: Uint8Array): CometRequest => {
  const request = empty();
  readFields(bytes, {
    1: (reader) => {
      request.room = reader.string();
    },
    2: (reader) => {
      request.proto = readProto(reader.bytes());
    },
  });
  return request;
};

export const readBroadcast = (bytes: Uint8Array): CometRequest => {
  const request = empty();
  readFields(bytes, {
    1: (reader) => {
      request.protoOp = reader.int32();
    },
    2: (reader) => {
      request.proto = readProto(reader.bytes());
    },
    3: (reader) => {
      request.speed = reader.int32();
    },
  });
  return request;
};

/** The packet that a connection gets, as goim's comet writes it. */
export const packetOf = (proto: CometProto): Buffer => encodePacket(proto);

/** `RoomsReply`. */
export const writeRooms = (rooms: readonly string[]): Buffer => {
  const writer = new BinaryWriter();
  for (const room of rooms) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(room).tag(2, WireType.Varint).bool(true).join();
  }
  return Buffer.from(writer.finish());
};

/** The tag of field 15, of bytes, and four bytes of length. */
const PADDING_HEAD_BYTES = 5;

/** The message with a field that nobody knows, for `bytes` in all. */
export const padded = (message: Buffer, bytes: number): Buffer => {
  const fill = Math.max(0, bytes - message.length - PADDING_HEAD_BYTES);
  const digits = [0, 7, 14, 21].map((shift) => ((fill >>> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
  return Buffer.concat([message, Buffer.from([0x7a, ...digits]), Buffer.alloc(fill)]);
};
