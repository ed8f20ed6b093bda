/** A record as Kafka keeps it; `timestamp` is ms since 1970, -1 if its producer gave none. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** Whose: the producer's, or the broker's in a topic with `message.timestamp.type=LogAppendTime`. */
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer])[];
}

export interface BatchLimits {
  readonly maxRecords: number;
  /** Of the event, as JSON. */
  readonly maxBytes: number;
}

/** The records of one event while they are collected. */
export interface Batch {
  readonly records: readonly KafkaRecord[];
  readonly isFull: () => boolean;
  /** Whether the batch takes the record; once it has declined one it declines all. The first one always fits. */
  readonly accept: (record: KafkaRecord) => boolean;
}

interface EventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: KafkaRecord['timestampType'];
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html, and of a Kafka that is not MSK …/with-kafka.html */
export interface KafkaEvent {
  readonly eventSource: 'aws:kafka' | 'SelfManagedKafka';
  /** MSK's alone: without it the event is of another Kafka. */
  readonly eventSourceArn?: string;
  readonly bootstrapServers: string;
  /** By `topic-partition`. */
  readonly records: Readonly<Record<string, readonly EventRecord[]>>;
}

export type EventOrigin = Pick<KafkaEvent, 'eventSourceArn' | 'bootstrapServers'>;

/** What an event has around its records; an ARN has at most 2048 characters, and there are three brokers or so. */
const ENVELOPE_BYTES = 4096;
/** A record's names, punctuation and numbers, and its part of the key that names its partition. */
const RECORD_BYTES = 240;
/** A header's byte as a number with its comma: `-128,`. */
const HEADER_VALUE_BYTES = 5;
/** Its longest escape in JSON is \uffff. */
const ESCAPED_BYTES = 6;

const base64Bytes = (bytes: Buffer | null): number => Math.ceil((bytes?.length ?? 0) / 3) * 4;

/** No less than the record adds to the event. */
const eventBytes = ({ topic, key, value, headers }: KafkaRecord): number =>
  headers.reduce(
    (sum, [name, bytes]) => sum + 8 + name.length * ESCAPED_BYTES + bytes.length * HEADER_VALUE_BYTES,
    RECORD_BYTES + 2 * topic.length + base64Bytes(key) + base64Bytes(value),
  );

export const createBatch = ({ maxRecords, maxBytes }: BatchLimits): Batch => {
  const records: KafkaRecord[] = [];
  let bytes = ENVELOPE_BYTES;
  let isFull = false;
  return {
    records,
    isFull: () => isFull,
    accept: (record) => {
      const recordBytes = eventBytes(record);
      const isTaken = !isFull && (records.length === 0 || bytes + recordBytes <= maxBytes);
      if (isTaken) records.push(record);
      bytes += recordBytes;
      isFull = !isTaken || records.length >= maxRecords;
      return isTaken;
    },
  };
};

/** Lambda's poller is written in Java, whose bytes go from -128 to 127. */
const signed = (bytes: Buffer): number[] => [...new Int8Array(bytes)];

const toEventRecord = ({
  topic,
  partition,
  offset,
  timestamp,
  timestampType,
  key,
  value,
  headers,
}: KafkaRecord): EventRecord => ({
  topic,
  partition,
  offset,
  timestamp,
  timestampType,
  key: key === null ? null : key.toString('base64'),
  value: value === null ? null : value.toString('base64'),
  headers: headers.map(([name, bytes]) => ({ [name]: signed(bytes) })),
});

export const byPartition = (records: readonly KafkaRecord[]): Map<number, KafkaRecord[]> =>
  Map.groupBy(records, ({ partition }) => partition);

/** The event as Lambda makes it, each partition in order. */
export const toKafkaEvent = (records: readonly KafkaRecord[], origin: EventOrigin): KafkaEvent => ({
  eventSource: origin.eventSourceArn === undefined ? 'SelfManagedKafka' : 'aws:kafka',
  ...origin,
  records: Object.fromEntries(
    [...byPartition(records)].map(([partition, own]) => [
      `${own[0]?.topic}-${partition}`,
      own.map(toEventRecord),
    ]),
  ),
});
