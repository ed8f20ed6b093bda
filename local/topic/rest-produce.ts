import * as v from 'valibot';
import type { NewRecord, Position, Topic } from './topic.ts';

/** Kafka REST Proxy's own answer: an error, or the positions of the records. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

const CONTENT_TYPE = 'application/vnd.kafka.binary.v2+json';
const MIB = 1024 * 1024;
/** Kafka's default `message.max.bytes`. */
const MAX_RECORD_BYTES = MIB + 12;

/** Whole base64 with its padding: what a decoder would pass over cannot be what was meant. */
const base64 = v.pipe(
  v.string(),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'is not base64'),
  v.transform((text) => Buffer.from(text, 'base64')),
);
/** Confluent's own entities write each optional field, as null. */
const schema = v.strictObject({
  records: v.pipe(
    v.array(
      v.strictObject({
        key: v.nullish(base64, null),
        value: v.nullish(base64, null),
        partition: v.pipe(
          v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
          v.transform((partition) => partition ?? undefined),
        ),
      }),
    ),
    v.minLength(1, 'is empty'),
  ),
  key_schema: v.nullish(v.string()),
  key_schema_id: v.nullish(v.number()),
  value_schema: v.nullish(v.string()),
  value_schema_id: v.nullish(v.number()),
});

export const restError = (status: number, code: number, message: string): RestAnswer => ({
  status,
  body: { error_code: code, message },
});

const unprocessable = (message: string): RestAnswer => restError(422, 422, message);

/** Names the place and the problem, without the value: it may be a body. */
const schemaProblem = (issue: v.BaseIssue<unknown>): string => {
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? 'the request';
  return `${path} ${issue.type === 'check' || issue.type === 'min_length' ? issue.message : `is not ${issue.expected ?? 'of its form'}`}`;
};

const parse = (body: Buffer): readonly NewRecord[] | RestAnswer => {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return unprocessable('the request is not JSON');
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true });
  return parsed.success ? parsed.output.records : unprocessable(schemaProblem(parsed.issues[0]));
};

const problemOf = (records: readonly NewRecord[], partitions: number): RestAnswer | undefined => {
  for (const [index, { key, value, partition = 0 }] of records.entries()) {
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    if (bytes > MAX_RECORD_BYTES) {
      return restError(413, 413, `records.${index} is larger than ${MAX_RECORD_BYTES} bytes`);
    }
    if (partition >= partitions) {
      return unprocessable(`records.${index}.partition is not one of the ${partitions} partitions`);
    }
  }
  return undefined;
};

const produced = (positions: readonly Position[]): RestAnswer => ({
  status: 200,
  body: {
    offsets: positions.map((position) => ({ ...position, error_code: null, error: null })),
    key_schema_id: null,
    value_schema_id: null,
  },
});

/** Media types are case-insensitive, RFC 9110 section 8.3.1. */
const isBinaryV2 = (contentType = ''): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === CONTENT_TYPE;

/**
 * `POST /topics/{name}` of Kafka REST Proxy v2, all records or none.
 * https://docs.confluent.io/platform/current/kafka-rest/api.html#post--topics-(string-topic_name)
 */
export const produce = (topic: Topic, contentType: string | undefined, body: Buffer): RestAnswer => {
  if (!isBinaryV2(contentType)) return restError(415, 415, `the content type is not ${CONTENT_TYPE}`);
  const records = parse(body);
  if ('status' in records) return records;
  const problem = problemOf(records, topic.partitions);
  if (problem !== undefined) return problem;
  const positions = topic.append(records);
  return positions === 'full'
    ? restError(503, 50003, `${topic.name} is full of records that wait to be processed; try again later`)
    : produced(positions);
};
