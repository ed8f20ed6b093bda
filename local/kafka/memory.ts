import type { KafkaTopic } from './fetcher.ts';

/** What this process knows of the topic, whatever connection and membership it has at the moment. */
export interface KafkaMemory {
  /** The topic as it was found. Another topic of the same name has other offsets: what was known is forgotten. */
  see(topic: KafkaTopic | undefined): void;
  /** Whether all of the partition's records came after this process began to look. */
  isNew(partition: number): boolean;
  /** Everything before these offsets is dealt with, even if that could not be committed. */
  dealtWith(nextByPartition: ReadonlyMap<number, number>): void;
  /** Undefined: nothing of the partition. */
  next(partition: number): number | undefined;
}

export const createKafkaMemory = (): KafkaMemory => {
  const nextByPartition = new Map<number, number>();
  let id: string | undefined;
  /** How many partitions there were when this process first looked. */
  let oldPartitions: number | undefined;
  return {
    see: (topic) => {
      const isReplaced = id !== undefined && topic?.id !== id;
      if (isReplaced) nextByPartition.clear();
      if (isReplaced || topic === undefined) oldPartitions = 0;
      oldPartitions ??= topic?.leaders.length;
      id = topic?.id ?? id;
    },
    isNew: (partition) => partition >= (oldPartitions ?? 0),
    dealtWith: (more) => {
      for (const [partition, next] of more) {
        nextByPartition.set(partition, Math.max(next, nextByPartition.get(partition) ?? 0));
      }
    },
    next: (partition) => nextByPartition.get(partition),
  };
};
