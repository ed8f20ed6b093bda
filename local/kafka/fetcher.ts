import {
  Consumer,
  findErrorBy,
  type KafkaRecord as LibraryRecord,
  type RecordsBatch,
} from '@platformatic/kafka';
import type { KafkaRecord } from '../event-source/batch.ts';
import { clientOptions } from './client.ts';
import { type AbortedTransaction, committedBatches } from './committed.ts';
import type { KafkaConfig } from './config.ts';

export interface KafkaTopic {
  /** Another one after the topic was deleted and created. */
  readonly id: string;
  /** The node that leads each partition; -1: none at the moment. */
  readonly leaders: readonly number[];
}

export interface Fetched {
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** What to fetch next. */
  readonly next: number;
}

export type Edge = 'earliest' | 'latest';

/** Reads records and offsets; a member of no group. */
export interface Fetcher {
  /** As it is known, at most some seconds old; undefined: there is no such topic. */
  topic(): Promise<KafkaTopic | undefined>;
  /** By partition, where the log begins or what comes next at its end. */
  edges(partitions: readonly number[], edge: Edge): Promise<ReadonlyMap<number, number>>;
  /** What there is from these offsets on, or nothing after half a second. `out-of-range`: the log has not all of the offsets. */
  fetch(node: number, offsets: ReadonlyMap<number, number>): Promise<readonly Fetched[] | 'out-of-range'>;
  close(): Promise<void>;
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

const MIB = 1024 * 1024;
/** The broker answers as soon as it has one record. */
const MIN_BYTES = 1;
/** How long a partition that has room again may wait for an answer about the others. */
const MAX_WAIT_MS = 500;
/** Of one answer; the broker goes over it for a single batch of records that is larger. */
const MAX_FETCH_BYTES = 8 * MIB;
export const MAX_PARTITION_FETCH_BYTES = MIB;
/** https://kafka.apache.org/documentation/#recordbatch: bit 3 of the attributes, for a topic with LogAppendTime. */
const IS_LOG_APPEND_TIME = 0x08;
const TIMESTAMPS = { earliest: -2n, latest: -1n } as const;
/** https://kafka.apache.org/protocol.html#protocol_error_codes */
const UNKNOWN_TOPIC = 'Unknown topic';

/** The broker's time is the batch's last one; what the producer said stays beside it. */
const timeOf = (
  { attributes, firstTimestamp, maxTimestamp }: RecordsBatch,
  { timestampDelta }: LibraryRecord,
): Pick<KafkaRecord, 'timestamp' | 'timestampType'> =>
  (attributes & IS_LOG_APPEND_TIME) !== 0
    ? { timestamp: Number(maxTimestamp), timestampType: 'LOG_APPEND_TIME' }
    : { timestamp: Number(firstTimestamp + timestampDelta), timestampType: 'CREATE_TIME' };

const toRecord = (
  topic: string,
  partition: number,
  batch: RecordsBatch,
  record: LibraryRecord,
): KafkaRecord => ({
  topic,
  partition,
  offset: Number(batch.firstOffset) + record.offsetDelta,
  ...timeOf(batch, record),
  key: record.key,
  value: record.value,
  headers: record.headers.map(([name, bytes]) => [name?.toString() ?? '', bytes ?? Buffer.alloc(0)]),
});

const toFetched = (
  topic: string,
  partition: number,
  batches: readonly RecordsBatch[],
  aborted: readonly AbortedTransaction[],
  from: number,
): Fetched => {
  const last = batches.at(-1);
  return {
    partition,
    // A batch is answered whole, even if it begins before the offset that was asked for.
    records: committedBatches(batches, aborted)
      .flatMap((batch) => batch.records.map((record) => toRecord(topic, partition, batch, record)))
      .filter(({ offset }) => offset >= from),
    next: last === undefined ? from : Math.max(from, Number(last.firstOffset) + last.lastOffsetDelta + 1),
  };
};

const toAnswer = (
  topic: string,
  { responses }: FetchResponse,
  offsets: ReadonlyMap<number, number>,
): Fetched[] =>
  responses.flatMap(({ partitions }) =>
    partitions.flatMap(({ partitionIndex, records, abortedTransactions }) => {
      const from = offsets.get(partitionIndex);
      return from === undefined
        ? []
        : [toFetched(topic, partitionIndex, records ?? [], abortedTransactions ?? [], from)];
    }),
  );

export const openFetcher = (config: KafkaConfig): Fetcher => {
  const { topic, group } = config;
  // No attempts of its own: whoever calls knows when it is worth another one.
  const consumer = new Consumer({ ...clientOptions(config), groupId: group, retries: 0 });
  consumer.topics.track(topic);
  const metadata = async (forceUpdate: boolean) =>
    (await consumer.metadata({ topics: [topic], forceUpdate })).topics.get(topic);
  return {
    topic: async () => {
      try {
        const found = await metadata(false);
        return found && { id: found.id, leaders: found.partitions.map(({ leader }) => leader) };
      } catch (error) {
        consumer.clearMetadata();
        if (error instanceof Error && error.message.startsWith(UNKNOWN_TOPIC)) return undefined;
        throw error;
      }
    },
    edges: async (partitions, edge) => {
      const asked = {
        topics: [topic],
        partitions: { [topic]: [...partitions] },
        timestamp: TIMESTAMPS[edge],
      };
      const found = (await consumer.listOffsets(asked)).get(topic) ?? [];
      return new Map(partitions.map((partition) => [partition, Number(found[partition])]));
    },
    fetch: async (node, offsets) => {
      const { id = '' } = (await metadata(false)) ?? {};
      const partitions = [...offsets].map(([partition, offset]) => ({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: MAX_PARTITION_FETCH_BYTES,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      }));
      const limits = { minBytes: MIN_BYTES, maxBytes: MAX_FETCH_BYTES, maxWaitTime: MAX_WAIT_MS };
      try {
        const response = await consumer.fetch({ node, topics: [{ topicId: id, partitions }], ...limits });
        return toAnswer(topic, response, offsets);
      } catch (error) {
        if (findErrorBy(error as Error, 'apiId', 'OFFSET_OUT_OF_RANGE')) return 'out-of-range';
        consumer.clearMetadata();
        throw error;
      }
    },
    close: () => consumer.close(true),
  };
};
