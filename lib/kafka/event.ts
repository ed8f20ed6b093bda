import { MAX_EVENT_RECORDS } from '../domain/limits.ts';
import type { MalformedRecord, PushMessage } from '../domain/push-message.ts';
import { ServiceError } from '../errors.ts';
import { decodeValue } from './value.ts';

interface EventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp?: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
}

const malformed = (problem: string): ServiceError =>
  new ServiceError('EVENT_MALFORMED', `The event is not of Kafka: ${problem}`, { retryable: true });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isRecord = (value: unknown): value is EventRecord =>
  isObject(value) &&
  typeof value['topic'] === 'string' &&
  value['topic'] !== '' &&
  isOffset(value['partition']) &&
  isOffset(value['offset']);

/** MSK's, and both names that AWS's documents have for every other Kafka. */
const SOURCES: readonly unknown[] = ['aws:kafka', 'SelfManagedKafka', 'aws:SelfManagedKafka'];

const recordsOf = (event: unknown): EventRecord[] => {
  if (!isObject(event) || !SOURCES.includes(event['eventSource'])) throw malformed('eventSource is unknown');
  if (!isObject(event['records'])) throw malformed('records is missing');
  const all = Object.entries(event['records']).flatMap(([partition, records]) => {
    if (!Array.isArray(records)) throw malformed(`records of ${partition} is not a list`);
    const wrong = records.findIndex((record) => !isRecord(record));
    if (wrong !== -1) throw malformed(`record ${wrong} of ${partition} has no coordinates`);
    return records as EventRecord[];
  });
  if (all.length > MAX_EVENT_RECORDS) throw malformed(`more than ${MAX_EVENT_RECORDS} records`);
  return all;
};

/** Where a record has no usable time (Kafka says -1), it counts as new. */
const timestampOf = ({ timestamp }: EventRecord, now: number): number =>
  Number.isSafeInteger(timestamp) && (timestamp as number) >= 0 ? (timestamp as number) : now;

const decodeRecord = (record: EventRecord, now: number): PushMessage | MalformedRecord => {
  const { topic, partition, offset, key, value, headers } = record;
  const decoded = decodeValue(value);
  const timestamp = timestampOf(record, now);
  return 'malformed' in decoded
    ? { topic, partition, offset, timestamp, malformed: decoded.malformed, original: { key, value, headers } }
    : {
        topic,
        partition,
        offset,
        timestamp,
        target: decoded.target,
        operation: decoded.operation,
        body: decoded.body,
      };
};

/**
 * The records of an event of MSK or another Kafka, decoded, each partition in log order; `now` in ms. Throws `EVENT_MALFORMED`.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html and …/with-kafka.html
 */
export const readKafkaEvent = (event: unknown, now: number): (PushMessage | MalformedRecord)[] =>
  recordsOf(event).map((record) => decodeRecord(record, now));

export interface Replay {
  /** The event was made of dead letters by hand; an event source's own never says so. */
  readonly replayed: boolean;
  /** The one comet that its records are for. */
  readonly only?: string;
}

export const readReplay = (event: unknown): Replay => {
  if (!isObject(event) || event['replayed'] !== true) return { replayed: false };
  return typeof event['only'] === 'string' ? { replayed: true, only: event['only'] } : { replayed: true };
};
