import { describe, expect, test } from 'vitest';
import { MAX_EVENT_RECORDS } from '../../lib/domain/limits.ts';
import { readKafkaEvent } from '../../lib/kafka/event.ts';
import { pushMsgVector } from '../vectors.ts';

const NOW = 1_700_000_000_000;
const value = pushMsgVector('ROOM').eventValueB64;
const record = (offset: number, more: object = {}) => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: NOW - 5,
  timestampType: 'CREATE_TIME',
  key: 'azE=',
  value,
  headers: [{ trace: [1, 2] }],
  ...more,
});
const event = (records: Record<string, unknown>) => ({ eventSource: 'aws:kafka', records });

describe('an event of Kafka', () => {
  test.each(['aws:kafka', 'SelfManagedKafka', 'aws:SelfManagedKafka'])(
    'is read if it is of %s',
    (eventSource) => {
      expect(readKafkaEvent({ eventSource, records: { 't-0': [record(7)] } }, NOW)).toHaveLength(1);
    },
  );

  test('gives its records decoded, each partition in order', () => {
    const read = readKafkaEvent(
      event({ 't-0': [record(7), record(8)], 't-1': [record(3, { partition: 1 })] }),
      NOW,
    );
    expect(read.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 7],
      [0, 8],
      [1, 3],
    ]);
    expect(read[0]).toEqual({
      topic: 't',
      partition: 0,
      offset: 7,
      timestamp: NOW - 5,
      target: { type: 'room', room: 'live://1000' },
      operation: 1000,
      body: Buffer.from('{"test":1}').toString('base64'),
    });
  });

  test('keeps key, value and headers of a record that cannot be decoded', () => {
    const [read] = readKafkaEvent(event({ 't-0': [record(7, { value: '?' })] }), NOW);
    expect(read).toMatchObject({
      malformed: 'value-not-base64',
      original: { key: 'azE=', value: '?', headers: [{ trace: [1, 2] }] },
    });
  });

  test.each([[-1], [undefined], ['x'], [1.5]])(
    'counts a record with the timestamp %s as new',
    (timestamp) => {
      expect(readKafkaEvent(event({ 't-0': [record(7, { timestamp })] }), NOW)[0]?.timestamp).toBe(NOW);
    },
  );

  test('has no more records than an event source can be set to', () => {
    const records = (count: number) => Array.from({ length: count }, (_, offset) => record(offset));
    expect(readKafkaEvent(event({ 't-0': records(MAX_EVENT_RECORDS) }), NOW)).toHaveLength(MAX_EVENT_RECORDS);
    expect(() =>
      readKafkaEvent(event({ 't-0': records(MAX_EVENT_RECORDS), 't-1': records(1) }), NOW),
    ).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }));
  });

  test.each([
    ['nothing', undefined],
    ['another source', { eventSource: 'aws:sqs', records: {} }],
    ['no records', { eventSource: 'aws:kafka' }],
    ['records that are not a list', event({ 't-0': 'x' })],
    ['a record that is not an object', event({ 't-0': [null] })],
    ['a record without an offset', event({ 't-0': [record(7, { offset: undefined })] })],
    ['a record with a negative partition', event({ 't-0': [record(7, { partition: -1 })] })],
    ['a record without a topic', event({ 't-0': [record(7, { topic: '' })] })],
  ])('is refused as a whole if it is %s, so that the batch comes again', (_name, broken) => {
    expect(() => readKafkaEvent(broken, NOW)).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED', retryable: true }),
    );
  });
});
