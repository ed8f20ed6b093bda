import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { clientOptions } from '../../local/kafka/client.ts';
import { type KafkaConfig, readKafkaConfig } from '../../local/kafka/config.ts';

const PARTITIONS = 4;

/** A topic and a group of its own for a test. */
export const configFor = (address: string, more: NodeJS.ProcessEnv = {}): KafkaConfig => {
  const id = randomUUID().slice(0, 8);
  const env = { KAFKA_TOPIC: `goim-job-test-${id}`, KAFKA_GROUP: `goim-job-test-${id}` };
  const config = readKafkaConfig({ ...env, KAFKA_BROKERS: address, ...more });
  if (config === undefined) throw new Error('no brokers');
  return config;
};

const withAdmin = async <T>(config: KafkaConfig, use: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = new Admin(clientOptions(config));
  return use(admin).finally(() => admin.close());
};

export const createTopic = (
  config: KafkaConfig,
  { partitions = PARTITIONS, settings = {} }: { partitions?: number; settings?: Record<string, string> } = {},
): Promise<unknown> =>
  withAdmin(config, (admin) =>
    admin.createTopics({
      topics: [config.topic],
      partitions,
      replicas: 1,
      configs: Object.entries(settings).map(([name, value]) => ({ name, value })),
    }),
  );

export const addPartitions = (config: KafkaConfig, count: number): Promise<unknown> =>
  withAdmin(config, (admin) =>
    admin.createPartitions({ topics: [{ name: config.topic, count, assignments: null }] }),
  );

/** By partition, what the group has committed. */
export const committed = (config: KafkaConfig): Promise<ReadonlyMap<number, number>> =>
  withAdmin(config, async (admin) => {
    const groups = await admin.listConsumerGroupOffsets({ groups: [config.group] });
    const partitions = groups.flatMap(({ topics }) => topics.flatMap((topic) => topic.partitions));
    return new Map(
      partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]),
    );
  });

/** Of all partitions together: of a topic that was made for the group, so many records are dealt with. */
export const committedRecords = async (config: KafkaConfig): Promise<number> =>
  [...(await committed(config)).values()].reduce((sum, offset) => sum + offset, 0);
