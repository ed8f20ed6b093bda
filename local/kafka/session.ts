import { type Bell, createBell } from '../event-source/bell.ts';
import { problemOf } from './client.ts';
import { type Commits, createCommits } from './commits.ts';
import type { KafkaConfig } from './config.ts';
import { runFetchLoop } from './fetch-loop.ts';
import { type Fetcher, type KafkaTopic, MAX_PARTITION_FETCH_BYTES } from './fetcher.ts';
import type { Member, MemberEvents } from './member.ts';
import type { KafkaMemory } from './memory.ts';
import { createPartitionQueue, type PartitionQueue, type QueueLimits } from './partition-queue.ts';
import { startOffsets } from './starts.ts';

export interface SessionOptions {
  readonly config: KafkaConfig;
  readonly topic: KafkaTopic;
  readonly fetcher: Fetcher;
  readonly openMember: (events: MemberEvents) => Member;
  readonly memory: KafkaMemory;
  readonly onArrival: () => void;
  /** Where to read from is known. */
  readonly onAssigned: () => void;
  readonly log: (line: string) => void;
}

/** One membership in the consumer group, from its join to whatever ends it. */
export interface Session {
  /** By partition, of those that are ours. */
  readonly queues: ReadonlyMap<number, PartitionQueue>;
  readonly commits: Commits;
  /** To be called when a queue has room again. */
  readonly bell: Bell;
  /** Rejects when a new session is needed. */
  run(): Promise<void>;
  /** Commits what is left, then leaves the group, neither for longer than there is time for. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
/** Of all partitions together, in memory; an answer that is under way comes on top. */
const MAX_QUEUED_BYTES = 32 * MIB;
/** Of one partition: some batches ahead. */
const MAX_QUEUED_RECORDS = 5_000;
/** A commit that is under way reaches Kafka before the leave; this is for one that fails and is tried again. */
const COMMIT_TIMEOUT_MS = 1_000;
/** Kafka answers after the join that is under way, if there is one; who does not leave keeps its partitions from the others for 10 s. */
const LEAVE_TIMEOUT_MS = 3_000;

const limitsFor = (partitions: number): QueueLimits => ({
  maxRecords: MAX_QUEUED_RECORDS,
  maxBytes: Math.max(MAX_PARTITION_FETCH_BYTES, MAX_QUEUED_BYTES / Math.max(1, partitions)),
});

const timeOut = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

export const createSession = (options: SessionOptions): Session => {
  const { config, topic, fetcher, memory, onArrival, log } = options;
  const ending = new AbortController();
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  const bell = createBell();
  const queues = new Map<number, PartitionQueue>();
  let assignments = 0;

  const settle = async (partitions: readonly number[]): Promise<void> => {
    const own = assignments;
    const starts = await startOffsets(partitions, { member, fetcher, memory, start: config.start });
    if (own !== assignments) return;
    for (const [partition, { offset, committed }] of starts) {
      const queue = queues.get(partition);
      if (queue === undefined) queues.set(partition, createPartitionQueue(offset));
      else queue.skipTo(offset);
      commits.own(partition, committed);
    }
    commits.add(new Map([...starts].map(([partition, { offset }]) => [partition, offset])));
    log(
      `reads ${partitions.length} of ${topic.leaders.length} partitions of ${config.topic} in group ${config.group}`,
    );
    bell.ring();
    options.onAssigned();
  };
  const onAssigned = (partitions: readonly number[]): void => {
    assignments += 1;
    const own = new Set(partitions);
    commits.keepOnly(own);
    for (const partition of queues.keys()) if (!own.has(partition)) queues.delete(partition);
    settle(partitions).catch(lost.reject);
  };
  const member = options.openMember({ onAssigned, onLost: lost.reject });
  const commits = createCommits({ commit: member.commit, log, signal: ending.signal });
  const limits = () => limitsFor(queues.size);
  const { signal } = ending;
  let closing: Promise<void> | undefined;
  const leave = async (): Promise<void> => {
    const left = member.leave().then(() => undefined, problemOf);
    const unanswered = timeOut(LEAVE_TIMEOUT_MS).then(() => 'Kafka does not answer');
    const problem = await Promise.race([left, unanswered]);
    if (problem !== undefined) log(`could not leave group ${config.group}: ${problem}`);
  };
  const close = async (): Promise<void> => {
    await Promise.race([commits.settled(), timeOut(COMMIT_TIMEOUT_MS)]);
    ending.abort();
    bell.ring();
    await leave();
    queues.clear();
  };
  return {
    queues,
    commits,
    bell,
    run: async () => {
      await Promise.race([member.join(), lost.promise]);
      const fetching = runFetchLoop({ fetcher, topic, queues, limits, bell, onArrival, log, signal });
      await Promise.race([fetching, lost.promise]);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
