import { type CommitOptionsPartition, Consumer } from '@platformatic/kafka';
import { clientOptions } from './client.ts';
import type { KafkaConfig } from './config.ts';

export interface MemberEvents {
  /** The partitions that are ours from now on, and no others. */
  readonly onAssigned: (partitions: readonly number[]) => void;
  /** It has left the group for good: a new member has to take its place. */
  readonly onLost: (error: Error) => void;
}

/** One member of the consumer group, with its heartbeat. */
export interface Member {
  join(): Promise<void>;
  /** By partition, what the group has committed; those without are left out. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Only of partitions that are still ours when Kafka takes it. */
  commit(nextByPartition: ReadonlyMap<number, number>): Promise<void>;
  leave(): Promise<void>;
}

/** How long the partitions of a process that was killed belong to nobody. Brokers take no less than 6 s by default. */
const SESSION_TIMEOUT_MS = 10_000;
/** For the others to join again when one comes or goes; a batch in flight does not hold them up. */
const REBALANCE_TIMEOUT_MS = 10_000;
/** It is the heartbeat that hears of a rebalance. */
const HEARTBEAT_MS = 1_000;
const RETRY_DELAY_MS = 500;
/** goim's job knows only the first: with that alone in common it can be in the group too. The assignment is the library's either way. */
const PROTOCOLS = ['range', 'roundrobin'].map((name) => ({ name, version: 1 }));
const UNKNOWN_EPOCH = -1;

/** The library joins again and commits the same offsets after a rebalance: this takes those away that are no longer ours. */
const createOwnOffsets = () => {
  const inFlight = new Set<CommitOptionsPartition[]>();
  return {
    keepOnly: (partitions: ReadonlySet<number>) => {
      for (const offsets of inFlight) {
        const own = offsets.filter(({ partition }) => partitions.has(partition));
        offsets.splice(0, offsets.length, ...own);
      }
    },
    during: async (offsets: CommitOptionsPartition[], commit: () => Promise<void>) => {
      inFlight.add(offsets);
      await commit().finally(() => inFlight.delete(offsets));
    },
  };
};

export const openMember = (config: KafkaConfig, { onAssigned, onLost }: MemberEvents): Member => {
  const { topic, group } = config;
  const consumer = new Consumer({
    ...clientOptions(config),
    groupId: group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    retryDelay: RETRY_DELAY_MS,
    protocols: PROTOCOLS,
  });
  consumer.topics.track(topic);
  const own = createOwnOffsets();
  consumer.on('error', onLost);
  consumer.on('consumer:group:join', ({ assignments = [] }) => {
    const partitions = assignments.find((assignment) => assignment.topic === topic)?.partitions ?? [];
    own.keepOnly(new Set(partitions));
    onAssigned(partitions);
  });
  return {
    join: async () => void (await consumer.joinGroup()),
    committed: async (partitions) => {
      const asked = { topics: [{ topic, partitions: [...partitions] }] };
      const found = (await consumer.listCommittedOffsets(asked)).get(topic) ?? [];
      const offsets = partitions.map((partition) => [partition, Number(found[partition] ?? -1n)] as const);
      return new Map(offsets.filter(([, offset]) => offset >= 0));
    },
    commit: (nextByPartition) => {
      const offsets = [...nextByPartition].map(([partition, next]) => ({
        topic,
        partition,
        offset: BigInt(next),
        leaderEpoch: UNKNOWN_EPOCH,
      }));
      return own.during(offsets, () => consumer.commit({ offsets }));
    },
    leave: () => consumer.close(true),
  };
};
