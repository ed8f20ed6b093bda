import type { Decoded } from './content.ts';
import { decodeKafkaMsg } from './kafka-msg.ts';
import { decodePushMsg } from './push-msg.ts';

const OPEN_BRACE = 0x7b;

/** Base64 text, in full and with its padding; Node's decoder skips what it does not know, and cuts wide characters to 8 bits. */
const bytesOf = (base64: string): Buffer | undefined => {
  const bytes = Buffer.from(base64, 'base64');
  const whole = base64.length % 4 === 0 && bytes.length === Buffer.byteLength(base64, 'base64');
  return whole && Buffer.byteLength(base64) === base64.length ? bytes : undefined;
};

/**
 * The value of a record, base64: goim v2's protobuf `PushMsg` or goim v1's JSON `KafkaMsg`, told apart by the first byte
 * (`{` would open a group of field 15, which `PushMsg` does not have).
 */
export const decodeValue = (value: unknown): Decoded => {
  if (value === null || value === undefined || value === '') return { malformed: 'value-empty' };
  const bytes = typeof value === 'string' ? bytesOf(value) : undefined;
  if (bytes === undefined) return { malformed: 'value-not-base64' };
  return bytes[0] === OPEN_BRACE ? decodeKafkaMsg(bytes) : decodePushMsg(bytes);
};
