import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { MAX_COMET_ROOMS } from '../../domain/limits.ts';
import type { Headers } from '../../h2/headers.ts';
import { cometFailure, malformedReply, tooManyRooms } from '../error.ts';
import { httpStatusError } from './error.ts';
import { FRAME_BYTES } from './message.ts';

/** What a comet said. */
export interface GrpcReply {
  readonly status: number;
  /** `grpc-message`, which may hold anything, also keys. */
  readonly statusMessage: string;
  /** In its frame; empty unless the status is OK. */
  readonly frame: Buffer;
}

/** A status is in the trailers, or in the headers of an answer that has nothing else. */
const statusOf = (text: string | undefined): number => {
  const status = text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  if (status === undefined) throw malformedReply('it has no grpc-status');
  return status;
};

/** Percent-encoded, by some peers spaces too; words that are not are taken as they are. */
const decodeWords = (words: string | undefined): string => {
  if (words === undefined) return '';
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
};

/** Throws a `CometError` for what is no gRPC answer. */
export const readReply = (head: Headers, trailers: Headers | undefined, frame: Buffer): GrpcReply => {
  if (head.status !== 200) throw httpStatusError(head.status);
  if (!head.fields.get('content-type')?.startsWith('application/grpc'))
    throw malformedReply('it is not gRPC');
  const { fields } = trailers ?? head;
  return {
    status: statusOf(fields.get('grpc-status')),
    statusMessage: decodeWords(fields.get('grpc-message')),
    frame,
  };
};

/** The one message of an answer that is OK. Throws `COMET_REPLY_MALFORMED`. */
export const unframe = (frame: Buffer): Buffer => {
  if (frame.length < FRAME_BYTES) throw malformedReply('its frame is cut off');
  if (frame[0] !== 0) throw malformedReply('it is compressed, which was not offered');
  if (frame.readUInt32BE(1) !== frame.length - FRAME_BYTES)
    throw malformedReply('its frame has another length than it says');
  return frame.subarray(FRAME_BYTES);
};

const isField = (number: number, type: WireType, [field, wireType]: readonly [number, WireType]): boolean =>
  field === number && wireType === type;

/** One entry of `map<string, bool>`: a room's name, or undefined if nobody is in it. */
const readEntry = (reader: BinaryReader): string | undefined => {
  const end = reader.uint32() + reader.pos;
  let room = '';
  let online = false;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (isField(1, WireType.LengthDelimited, tag)) room = reader.string();
    else if (isField(2, WireType.Varint, tag)) online = reader.bool();
    else reader.skip(tag[1], tag[0]);
  }
  if (room === '' || reader.pos !== end) throw new RangeError('a room has no name, or its entry no end');
  return online ? room : undefined;
};

/** `RoomsReply`'s rooms that somebody is in; 0.8 s of CPU a million. Throws `COMET_REPLY_MALFORMED` and `COMET_REPLY_TOO_LARGE`. */
export const readRooms = (message: Buffer): ReadonlySet<string> => {
  const rooms = new Set<string>();
  // Strict: with its bad bytes replaced, a name would be another room's.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const reader = new BinaryReader(message, (bytes) => utf8.decode(bytes));
  try {
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      const isEntry = isField(1, WireType.LengthDelimited, tag);
      const room = isEntry ? readEntry(reader) : undefined;
      if (room !== undefined) rooms.add(room);
      if (!isEntry) reader.skip(tag[1], tag[0]);
    }
  } catch (error) {
    throw cometFailure('COMET_REPLY_MALFORMED', "The comet's room list is malformed", {}, error);
  }
  if (rooms.size > MAX_COMET_ROOMS) throw tooManyRooms(rooms.size);
  return rooms;
};
