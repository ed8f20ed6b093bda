import { type Message, type MessageToProduce, ProduceAcks, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaRecord, toKafkaEvent } from '../../local/event-source/batch.ts';
import { clientOptions } from '../../local/kafka/client.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { type Fetcher, openFetcher } from '../../local/kafka/fetcher.ts';
import { CLUSTERS, type Cluster } from './clusters.ts';
import { configFor, createTopic } from './topics.ts';

type Messages = MessageToProduce<Buffer, Buffer, Buffer, Buffer>[];

const KIB = 1024;
const TEST_MS = 60_000;

describe.each(CLUSTERS)('the records of $name', ({ open }) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await open();
  });
  afterAll(() => cluster?.close());

  const openTopic = async (settings: Record<string, string> = {}): Promise<KafkaConfig> => {
    const config = configFor(cluster.address);
    await createTopic(config, { partitions: 1, settings });
    return config;
  };
  const openProducer = (config: KafkaConfig, transactionalId?: string) =>
    new Producer<Buffer, Buffer, Buffer, Buffer>({
      ...clientOptions(config),
      acks: ProduceAcks.ALL,
      ...(transactionalId !== undefined && { transactionalId, idempotent: true }),
    });
  const valued = (topic: string, ...values: string[]): Messages =>
    values.map((value) => ({ topic, partition: 0, value: Buffer.from(value) }));

  /** Everything up to the last stable offset, fetch by fetch as the local set does. */
  const readAll = async (fetcher: Fetcher): Promise<KafkaRecord[]> => {
    const end = (await fetcher.edges([0], 'latest')).get(0) ?? 0;
    const node = (await fetcher.topic())?.leaders[0] ?? 0;
    const records: KafkaRecord[] = [];
    for (let position = 0; position < end; ) {
      const fetched = await fetcher.fetch(node, new Map([[0, position]]));
      if (fetched === 'out-of-range') throw new Error('out of range');
      for (const { records: more, next } of fetched) {
        records.push(...more);
        position = next;
      }
    }
    return records;
  };
  const read = async (config: KafkaConfig): Promise<KafkaRecord[]> => {
    const fetcher = openFetcher(config);
    return readAll(fetcher).finally(() => fetcher.close());
  };
  const textsOf = (records: readonly KafkaRecord[]) =>
    records.map(({ value }) => value?.toString().slice(0, 12));

  it(
    "have the producer's time, or the broker's where the topic says so",
    async () => {
      const [own, brokers] = [
        await openTopic(),
        await openTopic({ 'message.timestamp.type': 'LogAppendTime' }),
      ];
      for (const config of [own, brokers]) {
        const producer = openProducer(config);
        const messages = [1_000, 2_000].map((timestamp) => ({
          ...(valued(config.topic, 'v')[0] as Messages[number]),
          timestamp: BigInt(timestamp),
        }));
        await producer.send({ messages });
        await producer.close();
      }
      expect(await read(own)).toMatchObject([
        { timestamp: 1_000, timestampType: 'CREATE_TIME' },
        { timestamp: 2_000, timestampType: 'CREATE_TIME' },
      ]);
      const appended = await read(brokers);
      expect(appended).toMatchObject([
        { timestampType: 'LOG_APPEND_TIME' },
        { timestampType: 'LOG_APPEND_TIME' },
      ]);
      expect(appended[0]?.timestamp).toBeGreaterThan(1_700_000_000_000);
      expect(appended[1]?.timestamp).toBe(appended[0]?.timestamp);
    },
    TEST_MS,
  );

  it(
    'have their headers with signed bytes, and no value for a tombstone',
    async () => {
      const config = await openTopic();
      const producer = openProducer(config);
      const headers = new Map([[Buffer.from('b'), Buffer.from([0, 127, 128, 255])]]);
      await producer.send({
        messages: [
          { topic: config.topic, partition: 0, key: Buffer.from('k'), headers } as Message<
            Buffer,
            Buffer,
            Buffer,
            Buffer
          >,
        ],
      });
      await producer.close();
      const { records } = toKafkaEvent(await read(config), { eventSourceArn: '', bootstrapServers: '' });
      expect(records[`${config.topic}-0`]).toMatchObject([
        { key: 'aw==', value: null, headers: [{ b: [0, 127, -128, -1] }] },
      ]);
    },
    TEST_MS,
  );

  it(
    'are the committed ones: none of aborted transactions, however they alternate and however large they are',
    async () => {
      const config = await openTopic();
      const producer = openProducer(config, config.group);
      const run = async (end: 'commit' | 'abort', ...values: string[]) => {
        const transaction = await producer.beginTransaction();
        for (const value of values) await transaction.send({ messages: valued(config.topic, value) });
        await transaction[end]();
      };
      await run('abort', 'aborted-0');
      await run('commit', 'kept-1', 'kept-2');
      await run('abort', 'aborted-3');
      await run('abort', 'aborted-4');
      await run('commit', 'kept-5');
      const large = Array.from({ length: 24 }, (_, index) => `aborted-${index}`.padEnd(100 * KIB, '.'));
      await run('abort', ...large);
      await run('commit', 'kept-6');
      await producer.close();
      expect(textsOf(await read(config))).toEqual(['kept-1', 'kept-2', 'kept-5', 'kept-6']);
    },
    TEST_MS,
  );

  it(
    'end where a transaction is open',
    async () => {
      const config = await openTopic();
      const [plain, producer] = [openProducer(config), openProducer(config, config.group)];
      await plain.send({ messages: valued(config.topic, 'before') });
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: valued(config.topic, 'within') });
      await plain.send({ messages: valued(config.topic, 'after') });
      expect(textsOf(await read(config))).toEqual(['before']);
      await transaction.commit();
      await Promise.all([plain.close(), producer.close()]);
      expect(textsOf(await read(config))).toEqual(['before', 'within', 'after']);
    },
    TEST_MS,
  );
});
