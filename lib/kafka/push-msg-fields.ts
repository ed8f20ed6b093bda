import { WireType } from '@bufbuild/protobuf/wire';
import { MAX_ID_BYTES, MAX_ROOM_BYTES } from '../domain/limits.ts';
import type { MalformedReason, Target } from '../domain/push-message.ts';
import { keysProblem } from './keys.ts';

/** A field number and its wire type as one number, so that a known number of another type is skipped as unknown. */
export const field = (number: number, wireType: WireType): number => (number << 3) | wireType;
export const TYPE = field(1, WireType.Varint);
export const OPERATION = field(2, WireType.Varint);
export const SPEED = field(3, WireType.Varint);
export const SERVER = field(4, WireType.LengthDelimited);
export const ROOM = field(5, WireType.LengthDelimited);
export const KEYS = field(6, WireType.LengthDelimited);
export const MSG = field(7, WireType.LengthDelimited);

/** `goim.logic.PushMsg` without its body. */
export interface PushMsgHead {
  type: number;
  operation: number;
  speed: number;
  server: string;
  room: string;
  keys: string[];
}

/** UTF-8 has at most three bytes for what is one of a string's length. */
const isLonger = (text: string, maxBytes: number): boolean =>
  text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes;

const pushTarget = ({ server, keys }: PushMsgHead, size: number): Target | MalformedReason => {
  if (server === '') return 'server-empty';
  if (isLonger(server, MAX_ID_BYTES)) return 'server-too-long';
  return keysProblem(keys, size) ?? { type: 'push', comet: server, keys };
};

const roomTarget = ({ room }: PushMsgHead): Target | MalformedReason => {
  if (room === '') return 'room-empty';
  return isLonger(room, MAX_ROOM_BYTES) ? 'room-too-long' : { type: 'room', room };
};

/** Of a record of so many bytes. */
export const targetOf = (head: PushMsgHead, size: number): Target | MalformedReason => {
  switch (head.type) {
    case 0:
      return pushTarget(head, size);
    case 1:
      return roomTarget(head);
    case 2:
      return head.speed < 0 ? 'speed-out-of-range' : { type: 'all', speed: head.speed };
    default:
      return 'type-unknown';
  }
};
