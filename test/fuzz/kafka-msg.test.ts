import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_BODY_BYTES, MAX_KEYS_BYTES } from '../../lib/domain/limits.ts';
import type { MalformedReason } from '../../lib/domain/push-message.ts';
import type { Content } from '../../lib/kafka/content.ts';
import { decodeKafkaMsg } from '../../lib/kafka/kafka-msg.ts';
import { goim } from '../vectors.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const base64 = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const message = fc.record(
  {
    op: fc.constantFrom('multiple', 'broadcast_room', 'broadcast', 'other'),
    server: fc.integer(),
    roomid: fc.integer(),
    subkeys: fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 4 }),
    msg: base64,
    ensure: fc.boolean(),
  },
  { requiredKeys: ['op'] },
);
const LARGE = [
  { op: 'broadcast', msg: Buffer.alloc(MAX_BODY_BYTES).toString('base64') },
  { op: 'broadcast', msg: Buffer.alloc(MAX_BODY_BYTES + 1).toString('base64') },
  { op: 'multiple', subkeys: Array(2).fill('k'.repeat(MAX_KEYS_BYTES / 2 - 4)) },
  { op: 'multiple', subkeys: Array(2).fill('k'.repeat(MAX_KEYS_BYTES / 2 - 1)) },
];
const valid = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom<unknown>(...goim.kafkaMsgV1) },
  { weight: 70, arbitrary: message },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(...LARGE) },
);
const bytes = (texts: fc.Arbitrary<string>) => texts.map((text) => Buffer.from(text));
const inputs = fc.oneof(
  { weight: 6, arbitrary: bytes(oddJson(valid)) },
  { weight: 2, arbitrary: broken(bytes(oddJson(valid))) },
  { weight: 1, arbitrary: bytes(anyJson) },
  { weight: 1, arbitrary: randomBytes },
);

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
const isInt32 = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value;
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const parse = (input: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch {
    return 'json-malformed';
  }
};

interface Message {
  readonly op: string;
  readonly server: number;
  readonly roomid: number;
  readonly subkeys: readonly string[];
  readonly msg: string;
}

/** With what Go leaves out put in; undefined if a field is of another type. */
const messageOf = (json: unknown): Message | undefined => {
  if (typeof json !== 'object' || json === null) return undefined;
  const own = Object.entries(json).filter(([, value]) => value !== undefined);
  // `null` is Go's nil slice; its numbers are never null.
  const slices = own.filter(([name, value]) => value !== null || !['subkeys', 'msg'].includes(name));
  const fields = {
    op: null,
    server: 0,
    roomid: 0,
    subkeys: [],
    msg: '',
    ensure: false,
    ...Object.fromEntries(slices),
  };
  const { op, server, roomid, subkeys, msg, ensure } = fields as Record<string, unknown>;
  const isTyped = [typeof op, typeof msg, typeof ensure].join() === 'string,string,boolean';
  return isTyped && isInt32(server) && isInt32(roomid) && isTexts(subkeys)
    ? (fields as unknown as Message)
    : undefined;
};

const targetOf = ({ op, server, roomid, subkeys }: Message): Content['target'] | undefined => {
  // Go's decoder, too, puts U+FFFD for a lone surrogate, which no UTF-8 can hold.
  if (op === 'multiple')
    return { type: 'push', comet: `${server}`, keys: subkeys.map((key) => key.toWellFormed()) };
  if (op === 'broadcast_room') return { type: 'room', room: `${roomid}` };
  return op === 'broadcast' ? { type: 'all', speed: 0 } : undefined;
};

/** What `JSON.parse` and Go's rules say: every problem that there is, and the content if there is none. */
const readIndependently = (json: unknown): { problems: Set<MalformedReason>; content?: unknown } => {
  if (json === 'json-malformed') return { problems: new Set([json]) };
  const message = messageOf(json);
  if (message === undefined) return { problems: new Set(['json-wrong-type']) };
  const problems = new Set<MalformedReason>();
  const check = (reason: MalformedReason, isProblem: boolean): void => {
    if (isProblem) problems.add(reason);
  };
  const { msg, subkeys } = message;
  const target = targetOf(message);
  check('body-not-base64', !isBase64(msg));
  check('body-too-large', Buffer.byteLength(msg, 'base64') > MAX_BODY_BYTES);
  check('type-unknown', target === undefined);
  check('keys-empty', target?.type === 'push' && (subkeys.length === 0 || subkeys.includes('')));
  check(
    'keys-too-large',
    target?.type === 'push' && Buffer.byteLength(JSON.stringify(target.keys)) > MAX_KEYS_BYTES,
  );
  return { problems, content: { target, operation: 5, body: msg } };
};

it(
  'a KafkaMsg of any bytes is what JSON.parse finds, or has a reason that holds',
  () =>
    fuzz('kafka-msg', inputs, (input) => {
      const { problems, content } = readIndependently(parse(input));
      const decoded = decodeKafkaMsg(input);
      if ('malformed' in decoded) {
        expect(problems).toContain(decoded.malformed);
        return decoded.malformed !== 'json-malformed' && decoded.malformed !== 'json-wrong-type';
      }
      expect(problems).toEqual(new Set());
      expect(decoded).toEqual(content);
      return true;
    }),
  FUZZ_TIMEOUT_MS,
);

it('a body of any length has its reason', () => {
  const decoded = decodeKafkaMsg(
    Buffer.from(JSON.stringify({ op: 'broadcast', msg: 'A'.repeat(12_000_000) })),
  );
  expect(decoded).toEqual({ malformed: 'body-too-large' });
});
