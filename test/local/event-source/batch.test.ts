import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKafkaEvent } from '../../../lib/kafka/event.ts';
import {
  type BatchLimits,
  createBatch,
  type KafkaRecord,
  toKafkaEvent,
} from '../../../local/event-source/batch.ts';
import { createTopic, type Topic } from '../../../local/topic/topic.ts';

const origin = {
  eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/example/0',
  bootstrapServers: '127.0.0.1:9092',
};
const recordWith = (over: Partial<KafkaRecord> = {}): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset: 0,
  timestamp: 1700000000000,
  timestampType: 'CREATE_TIME',
  key: null,
  value: Buffer.from('v'),
  headers: [],
  ...over,
});

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const newRecord = fc.record({
  key: fc.option(bytes(50)),
  value: fc.option(bytes(400)),
  partition: fc.nat({ max: 3 }),
});

const limits = fc.record({
  maxRecords: fc.integer({ min: 1, max: 20 }),
  maxBytes: fc.integer({ min: 1, max: 9000 }),
});

const nextBatch = (topic: Topic, within: BatchLimits, busy: readonly number[]) => {
  const batch = createBatch(within);
  topic.drain(new Set(busy), batch.accept);
  return batch.records;
};

const allBatches = (topic: Topic, within: BatchLimits, busyAtFirst: number) => {
  const batches = [nextBatch(topic, within, [busyAtFirst])];
  for (let next = nextBatch(topic, within, []); next.length > 0; next = nextBatch(topic, within, [])) {
    batches.push(next);
  }
  return batches;
};

const valuesOf = (partition: number, records: readonly { partition: number; value: Buffer | null }[]) =>
  records.filter((one) => one.partition === partition).map(({ value }) => value);

describe('a batch', () => {
  it('loses, doubles and reorders nothing, and keeps its limits', () => {
    fc.assert(
      fc.property(
        fc.array(newRecord, { maxLength: 60 }),
        limits,
        fc.nat({ max: 3 }),
        (records, within, busy) => {
          const topic = createTopic({ name: 'goim-push-topic' });
          topic.append(records);
          const batches = allBatches(topic, within, busy);
          for (const partition of [0, 1, 2, 3]) {
            expect(valuesOf(partition, batches.flat())).toEqual(valuesOf(partition, records));
          }
          for (const batch of batches) {
            const bytes = JSON.stringify(toKafkaEvent(batch, origin)).length;
            expect(batch.length).toBeLessThanOrEqual(within.maxRecords);
            expect(batch.length <= 1 || bytes <= within.maxBytes).toBe(true);
          }
        },
      ),
    );
  });

  it('takes its first record however large it is, and then is full', () => {
    const batch = createBatch({ maxRecords: 10, maxBytes: 100 });
    expect(batch.accept(recordWith({ value: Buffer.alloc(500) }))).toBe(true);
    expect(batch.accept(recordWith({ offset: 1 }))).toBe(false);
    expect(batch.isFull()).toBe(true);
  });

  it('counts headers', () => {
    const header = ['h'.repeat(20), Buffer.alloc(300, 128)] as const;
    const records = [recordWith(), recordWith({ offset: 1, headers: [header, header] })];
    const maxBytes = JSON.stringify(toKafkaEvent(records, origin)).length;
    const batch = createBatch({ maxRecords: 10, maxBytes });
    expect(records.map(batch.accept)).toEqual([true, false]);
  });
});

describe('an event', () => {
  it('is what Lambda makes of Kafka records', () => {
    const key = Buffer.from('k1');
    const event = toKafkaEvent(
      [
        recordWith({ partition: 1, offset: 7, key, headers: [['trace', Buffer.from('ab')]] }),
        recordWith({ offset: 3, value: null }),
      ],
      origin,
    );
    const common = { topic: 't', timestamp: 1700000000000, timestampType: 'CREATE_TIME' };
    expect(event).toEqual({
      eventSource: 'aws:kafka',
      ...origin,
      records: {
        't-1': [
          { ...common, partition: 1, offset: 7, key: 'azE=', value: 'dg==', headers: [{ trace: [97, 98] }] },
        ],
        't-0': [{ ...common, partition: 0, offset: 3, key: null, value: null, headers: [] }],
      },
    });
  });

  it('has the bytes of headers as Java has them, from -128 to 127', () => {
    const bytes = Buffer.from([0, 127, 128, 255]);
    const { records } = toKafkaEvent([recordWith({ headers: [['b', bytes]] })], origin);
    expect(records['t-0']?.[0]?.headers).toEqual([{ b: [0, 127, -128, -1] }]);
  });

  it("says whose a record's timestamp is", () => {
    const { records } = toKafkaEvent(
      [recordWith({ timestamp: 5, timestampType: 'LOG_APPEND_TIME' })],
      origin,
    );
    expect(records['t-0']?.[0]).toMatchObject({ timestamp: 5, timestampType: 'LOG_APPEND_TIME' });
  });

  it('of a Kafka that is not MSK says so, and has no ARN', () => {
    const { records: _records, ...head } = toKafkaEvent([recordWith()], { bootstrapServers: 'b:9092' });
    expect(head).toEqual({ eventSource: 'SelfManagedKafka', bootstrapServers: 'b:9092' });
  });

  it('is read by dispatch', () => {
    const read = readKafkaEvent(toKafkaEvent([recordWith({ value: null })], origin), 0);
    expect(read).toMatchObject([{ topic: 't', partition: 0, offset: 0, malformed: 'value-empty' }]);
  });
});
