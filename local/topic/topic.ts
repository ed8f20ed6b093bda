import type { KafkaRecord } from '../event-source/batch.ts';
import type { RecordReader } from '../event-source/event-source.ts';

export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Chosen by the key if absent. */
  readonly partition?: number | undefined;
}

export interface Position {
  readonly partition: number;
  readonly offset: number;
}

export interface TopicOptions {
  readonly name: string;
  readonly partitions?: number;
  /** What may wait for its commit. */
  readonly maxBytes?: number;
  /** Of each partition. */
  readonly firstOffset?: number;
  readonly now?: () => number;
}

/** A partition's part of a consumer group's lag: what stands in it from `committed` on, and before `end`. */
export interface PartitionLag {
  readonly partition: number;
  /** The offset that the group goes on at; undefined: it has committed nothing yet. */
  readonly committed?: number | undefined;
  /** That of the next record to come. */
  readonly end: number;
}

/** A Kafka topic in memory with one consumer group, which starts at its first offset. */
export interface Topic extends RecordReader {
  readonly name: string;
  readonly partitions: number;
  /** Where the records stand now, or `full`: then none of them was taken, because nothing that waits may be lost. */
  append(records: readonly NewRecord[]): readonly Position[] | 'full';
  lag(): readonly PartitionLag[];
}

interface Partition {
  /** From the committed offset on: a record that is committed is never read again. */
  readonly records: KafkaRecord[];
  committed: number;
  /** The offset that `drain` offers next. */
  next: number;
}

const MIB = 1024 * 1024;
const PARTITIONS = 4;
const MAX_BYTES = 64 * MIB;
/** What a record takes beside its key and value, so that empty ones are not free. */
const RECORD_BYTES = 64;

/** https://datatracker.ietf.org/doc/draft-eastlake-fnv/ */
const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a as a signed 32-bit integer, modulo the partitions, without its sign: the producer of goim's logic. */
export const partitionOf = (key: Buffer, partitions: number): number => {
  let hash = FNV_OFFSET_BASIS | 0;
  for (const byte of key) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return Math.abs(hash % partitions);
};

const bytesOf = ({ key, value }: Pick<NewRecord, 'key' | 'value'>): number =>
  RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);

const totalBytes = (records: readonly Pick<NewRecord, 'key' | 'value'>[]): number =>
  records.reduce((sum, record) => sum + bytesOf(record), 0);

/** Drops the records before the offset and answers their bytes. */
const release = (partition: Partition, nextOffset: number): number => {
  const count = Math.max(0, nextOffset - partition.committed);
  partition.committed += count;
  return totalBytes(partition.records.splice(0, count));
};

const offer = (partition: Partition, accept: (record: KafkaRecord) => boolean): void => {
  for (;;) {
    const record = partition.records[partition.next - partition.committed];
    if (record === undefined || !accept(record)) return;
    partition.next += 1;
  }
};

/** The partition that is named, else the key's, else the next one in turn. */
const createPartitioner = (partitions: number) => {
  let keyless = 0;
  return ({ key, partition }: NewRecord): number => {
    if (partition !== undefined) return partition;
    if (key !== null) return partitionOf(key, partitions);
    keyless += 1;
    return (keyless - 1) % partitions;
  };
};

const createPartitions = (count: number, first: number): Partition[] =>
  Array.from({ length: count }, () => ({ records: [], committed: first, next: first }));

export const createTopic = (options: TopicOptions): Topic => {
  const { name, maxBytes = MAX_BYTES, firstOffset = 0, now = Date.now } = options;
  const partitions = createPartitions(options.partitions ?? PARTITIONS, firstOffset);
  const choose = createPartitioner(partitions.length);
  let waitingBytes = 0;
  let notify = () => {};

  const appendOne = (record: NewRecord): Position => {
    const partition = choose(record);
    const log = partitions[partition];
    if (log === undefined) throw new RangeError(`${name} has no partition ${partition}`);
    const { key, value } = record;
    const offset = log.committed + log.records.length;
    const time = { timestamp: now(), timestampType: 'CREATE_TIME' } as const;
    log.records.push({ topic: name, partition, offset, ...time, key, value, headers: [] });
    waitingBytes += bytesOf(record);
    return { partition, offset };
  };
  return {
    name,
    partitions: partitions.length,
    append: (records) => {
      if (waitingBytes + totalBytes(records) > maxBytes) return 'full';
      const positions = records.map(appendOne);
      notify();
      return positions;
    },
    lag: () =>
      partitions.map(({ committed, records }, partition) => ({
        partition,
        committed,
        end: committed + records.length,
      })),
    drain: (busy, accept) => {
      const idle = partitions.filter((_, index) => !busy.has(index));
      for (const partition of idle) offer(partition, accept);
    },
    onArrival: (listener) => {
      notify = listener;
    },
    commit: async (nextOffsetByPartition) => {
      for (const [index, nextOffset] of nextOffsetByPartition) {
        const partition = partitions[index];
        if (partition !== undefined) waitingBytes -= release(partition, nextOffset);
      }
    },
  };
};
