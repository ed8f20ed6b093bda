import * as v from 'valibot';
import { MAX_BODY_BYTES } from '../domain/limits.ts';
import { V1_OPERATION } from '../domain/packet.ts';
import type { MalformedReason, Target } from '../domain/push-message.ts';
import type { Decoded } from './content.ts';
import { keysProblem } from './keys.ts';

/** Go leaves out fields that are 0 or empty, and writes a nil slice as null. */
const int32 = v.optional(v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1)), 0);
const schema = v.object({
  op: v.string(),
  server: int32,
  roomid: int32,
  // As Go reads a lone surrogate, which neither a table nor a comet can hold.
  subkeys: v.nullish(
    v.array(
      v.pipe(
        v.string(),
        v.transform((key) => key.toWellFormed()),
      ),
    ),
    [],
  ),
  msg: v.nullish(v.string(), ''),
  ensure: v.optional(v.boolean(), false),
});
type KafkaMsg = v.InferOutput<typeof schema>;

/** In full and with its padding. valibot's own pattern takes the Kelvin sign for a K, and overflows on a body of some MB. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const targetOf = (message: KafkaMsg, size: number): Target | MalformedReason => {
  switch (message.op) {
    case 'multiple':
      return (
        keysProblem(message.subkeys, size) ?? {
          type: 'push',
          comet: String(message.server),
          keys: message.subkeys,
        }
      );
    case 'broadcast_room':
      return { type: 'room', room: String(message.roomid) };
    case 'broadcast':
      return { type: 'all', speed: 0 };
    default:
      return 'type-unknown';
  }
};

const parse = (bytes: Buffer): KafkaMsg | MalformedReason => {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'json-malformed';
  }
  const parsed = v.safeParse(schema, json);
  return parsed.success ? parsed.output : 'json-wrong-type';
};

/** goim v1's JSON `KafkaMsg`; integer server and room ids become decimal strings. */
export const decodeKafkaMsg = (bytes: Buffer): Decoded => {
  const message = parse(bytes);
  if (typeof message === 'string') return { malformed: message };
  if (Buffer.byteLength(message.msg, 'base64') > MAX_BODY_BYTES) return { malformed: 'body-too-large' };
  if (!isBase64(message.msg)) return { malformed: 'body-not-base64' };
  const target = targetOf(message, bytes.length);
  return typeof target === 'string'
    ? { malformed: target }
    : { target, operation: V1_OPERATION.message, body: message.msg };
};
