import { isWhole } from './base64.ts';
import type { Decoded } from './content.ts';
import { decodeKafkaMsg } from './kafka-msg.ts';
import { decodePushMsg } from './push-msg.ts';
import { decodeShortPushMsg } from './short-push-msg.ts';

const OPEN_BRACE = 0x7b;

const decodeBytes = (base64: string): Decoded => {
  const bytes = Buffer.from(base64, 'base64');
  if (!isWhole(base64, bytes.length)) return { malformed: 'value-not-base64' };
  return bytes[0] === OPEN_BRACE ? decodeKafkaMsg(bytes) : decodePushMsg(bytes);
};

/**
 * The value of a record, base64: goim v2's protobuf `PushMsg` or goim v1's JSON `KafkaMsg`, told apart by the first byte
 * (`{` would open a group of field 15, which `PushMsg` does not have).
 */
export const decodeValue = (value: unknown): Decoded => {
  if (value === null || value === undefined || value === '') return { malformed: 'value-empty' };
  if (typeof value !== 'string') return { malformed: 'value-not-base64' };
  return decodeShortPushMsg(value) ?? decodeBytes(value);
};
