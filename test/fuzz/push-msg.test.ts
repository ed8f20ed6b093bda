import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_BODY_BYTES, MAX_ID_BYTES, MAX_KEYS_BYTES, MAX_ROOM_BYTES } from '../../lib/domain/limits.ts';
import type { MalformedReason } from '../../lib/domain/push-message.ts';
import type { Content } from '../../lib/kafka/content.ts';
import { decodePushMsg } from '../../lib/kafka/push-msg.ts';
import { decodeShortPushMsg } from '../../lib/kafka/short-push-msg.ts';
import { goim } from '../vectors.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { anyInt, anyText, bytesField, strangeField, textField, varintField } from './protobuf-inputs.ts';
import { readWire, textOf, type Wire } from './protobuf-reader.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const field = fc.oneof(
  fc.bigInt({ min: 0n, max: 3n }).map((type) => varintField(1, type)),
  fc.tuple(fc.constantFrom(1, 2, 3), anyInt).map(([number, value]) => varintField(number, value)),
  fc.tuple(fc.constantFrom(4, 5, 6), anyText).map(([number, text]) => textField(number, text)),
  fc.uint8Array({ maxLength: 40 }).map((body) => bytesField(7, body)),
  strangeField,
);
const LARGE = [
  bytesField(7, Buffer.alloc(MAX_BODY_BYTES)),
  bytesField(7, Buffer.alloc(MAX_BODY_BYTES + 1)),
  Buffer.concat(Array(2).fill(textField(6, 'k'.repeat(MAX_KEYS_BYTES / 2 - 4)))),
  Buffer.concat(Array(2).fill(textField(6, 'k'.repeat(MAX_KEYS_BYTES / 2 - 1)))),
  textField(5, 'r'.repeat(MAX_ROOM_BYTES)),
  textField(5, 'r'.repeat(MAX_ROOM_BYTES + 1)),
];
const whole = goim.pushMsgV2.map(({ value }) => Buffer.from(value, 'hex'));
const message = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(...whole).map((bytes) => [bytes]) },
  { weight: 40, arbitrary: fc.array(field, { maxLength: 8 }) },
  {
    weight: 60,
    arbitrary: fc
      .tuple(fc.constantFrom(...whole), fc.array(field, { maxLength: 3 }))
      .map(([known, more]) => [known, ...more]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...whole), fc.constantFrom(...LARGE))
      .map(([known, large]) => [known, large]),
  },
);
const inputs = fc.oneof(
  { weight: 9, arbitrary: broken(message.map((fields) => Buffer.concat(fields))) },
  { weight: 1, arbitrary: randomBytes },
);

const isInt32 = (value: bigint): boolean => BigInt.asIntN(32, value) === BigInt.asIntN(64, value);
/** What the wire says, by itself: every problem that there is, and the content if there is none. */
const readIndependently = ({ fields, end }: Wire): { problems: Set<MalformedReason>; content: Content } => {
  const problems = new Set<MalformedReason>(end === 'whole' ? [] : ['protobuf-malformed']);
  const check = (reason: MalformedReason, isProblem: boolean): void => {
    if (isProblem) problems.add(reason);
  };
  const ofType = (number: number, type: number) =>
    fields.filter((one) => one.number === number && one.type === type);
  const number = (field: number, reason: MalformedReason): number => {
    const values = ofType(field, 0).map(({ value }) => value);
    check(reason, !values.every(isInt32));
    return Number(BigInt.asIntN(32, values.at(-1) ?? 0n));
  };
  const texts = (field: number): string[] => {
    const read = ofType(field, 2).map(({ bytes }) => textOf(bytes));
    check('protobuf-malformed', read.includes(undefined));
    return read.map((text) => text ?? '');
  };
  const type = number(1, 'type-unknown');
  const operation = number(2, 'operation-out-of-range');
  const speed = number(3, 'speed-out-of-range');
  const [comet = '', room = '', keys] = [texts(4).at(-1), texts(5).at(-1), texts(6)];
  const body = ofType(7, 2).at(-1)?.bytes ?? Buffer.alloc(0);
  check('body-too-large', body.length > MAX_BODY_BYTES);
  const checkPush = (): void => {
    check('server-empty', comet === '');
    check('server-too-long', Buffer.byteLength(comet) > MAX_ID_BYTES);
    check('keys-empty', keys.length === 0 || keys.includes(''));
    check('keys-too-large', Buffer.byteLength(JSON.stringify(keys)) > MAX_KEYS_BYTES);
  };
  const checkRoom = (): void => {
    check('room-empty', room === '');
    check('room-too-long', Buffer.byteLength(room) > MAX_ROOM_BYTES);
  };
  const checks = [checkPush, checkRoom, () => check('speed-out-of-range', speed < 0)];
  (checks[type] ?? (() => problems.add('type-unknown')))();
  const targets = [{ type: 'push', comet, keys } as const, { type: 'room', room } as const];
  const target = targets[type] ?? { type: 'all', speed };
  return { problems, content: { target, operation, body: body.toString('base64') } };
};

it(
  'a PushMsg of any bytes is what an independent reader finds, or has a reason that holds',
  () =>
    fuzz('push-msg', inputs, (bytes) => {
      const wire = readWire(bytes);
      const { problems, content } = readIndependently(wire);
      const decoded = decodePushMsg(bytes);
      const isPast = !('malformed' in decoded) || decoded.malformed !== 'protobuf-malformed';
      if ('malformed' in decoded) {
        if (wire.end !== 'odd') expect(problems).toContain(decoded.malformed);
      } else if (wire.end !== 'odd') {
        expect(problems).toEqual(new Set());
        expect(decoded).toEqual(content);
      }
      return isPast;
    }),
  FUZZ_TIMEOUT_MS,
);

it(
  'a short PushMsg of any bytes is what the whole decoder says, or is left to it',
  () =>
    fuzz('short-push-msg', inputs, (bytes) => {
      const short = decodeShortPushMsg(bytes.toString('base64'));
      if (short !== undefined) expect(short).toEqual(decodePushMsg(bytes));
      return short !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);
