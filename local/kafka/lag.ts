import { Admin } from '@platformatic/kafka';
import type { PartitionLag } from '../topic/topic.ts';
import { clientOptions } from './client.ts';
import type { KafkaConfig } from './config.ts';

/** Whoever asks waits for it: shorter than what reads records. */
const PATIENCE = { connectTimeout: 3_000, timeout: 3_000, retries: 1, retryDelay: 500 };
const END = -1n;

const readCommitted = async (admin: Admin, { group, topic }: KafkaConfig): Promise<Map<number, number>> => {
  const [answer] = await admin.listConsumerGroupOffsets({ groups: [group] });
  const own = answer?.topics.find(({ name }) => name === topic)?.partitions ?? [];
  return new Map(own.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]));
};

const readEnds = async (admin: Admin, topic: string): Promise<[partition: number, end: number][]> => {
  const { topics } = await admin.metadata({ topics: [topic] });
  const count = topics.get(topic)?.partitionsCount ?? 0;
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp: END,
  }));
  const [answer] = await admin.listOffsets({ topics: [{ name: topic, partitions }] });
  return (answer?.partitions ?? []).map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]);
};

/** What the topic has beyond the group's commits, as `kafka-consumer-groups --describe` says it. Rejects with the library's errors. */
export const readKafkaLag = async (config: KafkaConfig): Promise<PartitionLag[]> => {
  const admin = new Admin({ ...clientOptions(config), ...PATIENCE });
  try {
    // One after the other: what is committed is never beyond an end that is read later.
    const committed = await readCommitted(admin, config);
    const ends = await readEnds(admin, config.topic);
    return ends
      .toSorted(([one], [other]) => one - other)
      .map(([partition, end]) => {
        const from = committed.get(partition) ?? -1;
        return from < 0 ? { partition, end } : { partition, end, committed: from };
      });
  } finally {
    await admin.close();
  }
};
