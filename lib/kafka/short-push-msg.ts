import { isWhole } from './base64.ts';
import type { Decoded } from './content.ts';
import {
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

/** Of longer ones the body is the cost, and it is the same either way. */
const MAX_BYTES = 1024;
const MAX_CHARS = Math.floor(MAX_BYTES / 3) * 4;
const BEYOND = MAX_BYTES + 1;
const MAX_VARINT_BITS = 28;

/** One for all values: a Buffer each would cost as much as all that is read of it. */
const bytes = Buffer.allocUnsafeSlow(MAX_BYTES);
/** Beyond the value's end once something in it is not as expected. */
let at = 0;

const readVarint = (): number => {
  let value = 0;
  for (let shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
    const byte = bytes[at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  at = BEYOND;
  return 0;
};

/** Answers where they begin. */
const passBytes = (): number => {
  const length = readVarint();
  const start = at;
  at = Math.min(start + length, BEYOND);
  return start;
};

const ascii = (start: number): string => {
  for (let place = start; place < at; place++) if ((bytes[place] as number) >= 0x80) at = BEYOND;
  return bytes.toString('latin1', start, at);
};

/** Of comets and rooms, which come again and again: to find a string costs less than to make it, and its hash is known. */
const recentIds = new Array<string>(256).fill('');

const slotOf = (start: number): number => {
  let slot = 0;
  for (let place = start; place < at; place++) slot = (slot * 31 + (bytes[place] as number)) & 0xff;
  return slot;
};

const isAt = (start: number, text: string): boolean => {
  let same = 0;
  while (same < text.length && text.charCodeAt(same) === bytes[start + same]) same += 1;
  return same === text.length && same === at - start;
};

const readId = (): string => {
  const start = passBytes();
  const slot = slotOf(start);
  const recent = recentIds[slot] as string;
  if (isAt(start, recent)) return recent;
  const id = ascii(start);
  if (at !== BEYOND) recentIds[slot] = id;
  return id;
};

const readBase64 = (): string => {
  const start = passBytes();
  return bytes.toString('base64', start, at);
};

interface PushMsg extends PushMsgHead {
  body: string;
}

const NO_KEYS: string[] = [];
/** Most have one, whose list takes a sixth of one that grows. */
const addKey = (into: PushMsg, key: string): void => {
  if (into.keys.length === 0) into.keys = [key];
  else into.keys.push(key);
};

const readField = (into: PushMsg): void => {
  switch (bytes[at++]) {
    case TYPE:
      into.type = readVarint();
      return;
    case OPERATION:
      into.operation = readVarint();
      return;
    case SPEED:
      into.speed = readVarint();
      return;
    case SERVER:
      into.server = readId();
      return;
    case ROOM:
      into.room = readId();
      return;
    case KEYS:
      addKey(into, ascii(passBytes()));
      return;
    case MSG:
      into.body = readBase64();
      return;
    default:
      at = BEYOND;
  }
};

/** A `PushMsg` as goim's logic writes most: short, with ids of ASCII and known fields. Undefined for any other, and for what is no base64. */
export const decodeShortPushMsg = (base64: string): Decoded | undefined => {
  if (base64.length > MAX_CHARS) return undefined;
  const length = bytes.write(base64, 0, 'base64');
  if (!isWhole(base64, length)) return undefined;
  const into: PushMsg = { type: 0, operation: 0, speed: 0, server: '', room: '', keys: NO_KEYS, body: '' };
  at = 0;
  while (at < length) readField(into);
  if (at !== length) return undefined;
  const target = targetOf(into, length);
  if (typeof target === 'string') return { malformed: target };
  return { target, operation: into.operation, body: into.body };
};
