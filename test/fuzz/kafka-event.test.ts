import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MalformedRecord, PushMessage } from '../../lib/domain/push-message.ts';
import { ServiceError } from '../../lib/errors.ts';
import { readKafkaEvent } from '../../lib/kafka/event.ts';
import { decodeKafkaMsg } from '../../lib/kafka/kafka-msg.ts';
import { decodePushMsg } from '../../lib/kafka/push-msg.ts';
import { goim } from '../vectors.ts';
import { broken } from './byte-inputs.ts';
import { anyJson, oddJson } from './json-inputs.ts';
import { isMalformedReason } from './malformed-reasons.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const NOW = 1_766_400_000_000;
const values = fc.constantFrom(
  ...goim.pushMsgV2.map(({ value }) => Buffer.from(value, 'hex')),
  ...goim.kafkaMsgV1.map((message) => Buffer.from(JSON.stringify(message))),
);
const value = fc.oneof(
  broken(values).map((bytes) => bytes.toString('base64')),
  values.map((bytes) => bytes.toString('base64url')),
  fc
    .tuple(values, fc.constantFrom('=', ' ', '\n', '\u0141', 'ſ', 'é', '===='))
    .map(([bytes, more]) => bytes.toString('base64') + more),
  fc.constantFrom(undefined, null, '', 'AA==AAAA', '\u0141\u0141\u0141\u0141', 'EOgH', 12),
);
const natural = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 31, Number.MAX_SAFE_INTEGER));
const record = fc.record(
  {
    topic: fc.constantFrom('goim-push-topic', '__proto__', 't'),
    partition: natural,
    offset: natural,
    timestamp: fc.oneof(natural, fc.constantFrom(-1, 0.5, 1_766_400_000_123)),
    timestampType: fc.constant('CREATE_TIME'),
    key: fc.constant('azE='),
    value,
    headers: fc.constant([{ traceparent: [48, 48] }]),
  },
  { requiredKeys: ['topic', 'partition', 'offset'] },
);
const event = fc.record({
  eventSource: fc.constantFrom('aws:kafka', 'SelfManagedKafka', 'aws:SelfManagedKafka'),
  eventSourceArn: fc.constant('arn:aws:kafka:eu-west-1:123456789012:cluster/c/1'),
  records: fc.dictionary(fc.constantFrom('t-0', 't-1', '0', 't-2'), fc.array(record, { maxLength: 4 })),
});
const inputs: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: event },
  { weight: 12, arbitrary: oddJson(event).map((text): unknown => JSON.parse(text)) },
  { weight: 1, arbitrary: anyJson.map((text): unknown => JSON.parse(text)) },
  {
    weight: 1,
    arbitrary: fc.anything({
      withNullPrototype: true,
      withBigInt: true,
      withDate: true,
      withSparseArray: true,
    }),
  },
);

type Fields = Readonly<Record<string, unknown>>;
const isFields = (one: unknown): one is Fields => Object.prototype.toString.call(one) === '[object Object]';
const isNatural = (one: unknown): boolean =>
  typeof one === 'number' && one >= 0 && one <= Number.MAX_SAFE_INTEGER && one % 1 === 0;
const isRecord = (one: unknown): one is Fields =>
  isFields(one) &&
  typeof one['topic'] === 'string' &&
  one['topic'].length > 0 &&
  isNatural(one['partition']) &&
  isNatural(one['offset']);

/** Its records in order, or undefined if it is no MSK event. */
const recordsOf = (input: unknown): Fields[] | undefined => {
  if (
    !isFields(input) ||
    !/^(aws:kafka|(aws:)?SelfManagedKafka)$/.test(String(input['eventSource'])) ||
    !isFields(input['records'])
  )
    return undefined;
  const records: Fields[] = [];
  for (const list of Object.values(input['records'])) {
    if (!Array.isArray(list) || !list.every(isRecord)) return undefined;
    records.push(...list);
  }
  return records;
};

const contentOf = (base64: unknown): unknown => {
  if (base64 === undefined || base64 === null || base64 === '') return { malformed: 'value-empty' };
  // Base64url is read as well: nothing else can be meant by it.
  const isBase64 =
    typeof base64 === 'string' && base64.length % 4 === 0 && /^[A-Za-z0-9+/_-]*={0,2}$/.test(base64);
  if (!isBase64) return { malformed: 'value-not-base64' };
  const plain = base64.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(Uint8Array.from(atob(plain), (char) => char.charCodeAt(0)));
  return bytes.toString('latin1', 0, 1) === '{' ? decodeKafkaMsg(bytes) : decodePushMsg(bytes);
};

const checkRead = (record: Fields, read: PushMessage | MalformedRecord): void => {
  const { topic, partition, offset, timestamp, ...rest } = read;
  expect([topic, partition, offset]).toEqual([record['topic'], record['partition'], record['offset']]);
  expect(timestamp).toEqual(isNatural(record['timestamp']) ? record['timestamp'] : NOW);
  if ('malformed' in rest) {
    expect(isMalformedReason(rest.malformed)).toBe(true);
    const { key, value, headers } = record;
    expect(rest.original).toEqual({ key, value, headers });
    expect({ malformed: rest.malformed }).toEqual(contentOf(record['value']));
    return;
  }
  expect(rest).toEqual(contentOf(record['value']));
};

it(
  'an event of any form gives one message or dead letter a record, in order, or EVENT_MALFORMED',
  () =>
    fuzz('msk-event', inputs, (input) => {
      const records = recordsOf(input);
      try {
        const read = readKafkaEvent(input, NOW);
        expect(read.length).toBe(records?.length);
        for (const [index, one] of read.entries()) checkRead(records?.[index] as Fields, one);
        return true;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        expect(error).toMatchObject({ code: 'EVENT_MALFORMED', retryable: true });
        expect(records).toBeUndefined();
        return false;
      }
    }),
  FUZZ_TIMEOUT_MS,
);
