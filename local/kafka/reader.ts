import { setTimeout as delay } from 'node:timers/promises';
import type { RecordReader } from '../event-source/event-source.ts';
import { problemOf } from './client.ts';
import type { KafkaConfig } from './config.ts';
import { type Fetcher, type KafkaTopic, openFetcher } from './fetcher.ts';
import { type OtherMember, readMembers, warningAbout } from './group.ts';
import { type Member, type MemberEvents, openMember } from './member.ts';
import { createKafkaMemory } from './memory.ts';
import { createSession, type Session } from './session.ts';

/** A topic of a real Kafka, read as a member of a consumer group. */
export interface KafkaReader extends RecordReader {
  /**
   * Resolves once it reads; from then on it goes on, until it is closed, whatever happens. Rejects if Kafka refuses it before, or cannot be
   * reached; a topic that does not exist yet is waited for.
   */
  start(): Promise<void>;
  /** Commits what was processed, and leaves the group so that the others need not wait. */
  close(): Promise<void>;
}

export interface KafkaReaderOptions {
  readonly config: KafkaConfig;
  readonly log: (line: string) => void;
  readonly kafka?: KafkaAccess;
}

/** What a reader needs of a cluster. */
export interface KafkaAccess {
  openFetcher(config: KafkaConfig): Fetcher;
  openMember(config: KafkaConfig, events: MemberEvents): Member;
  readMembers(config: KafkaConfig): Promise<readonly OtherMember[]>;
}

const TOPIC_AGAIN_MS = 1_000;
const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 5_000;
/** After so many `start` says that it will not do: a group's coordinator may need a moment to be there. */
const FIRST_ATTEMPTS = 3;
/** A membership that lasted so long was a sound one: the next failure is not held against it. */
const SOUND_MS = 30_000;
/** For a question that is under way to be given up. */
const CLOSE_TIMEOUT_MS = 400;

/** Resolves once the topic exists. */
const waitForTopic = async (
  fetcher: Fetcher,
  onMissing: () => void,
  signal: AbortSignal,
): Promise<KafkaTopic> => {
  for (;;) {
    const topic = await fetcher.topic();
    if (topic !== undefined) return topic;
    onMissing();
    await delay(TOPIC_AGAIN_MS, undefined, { signal });
  }
};

/** Does nothing before `start`; `log` says what happens then. */
export const openKafkaReader = ({ config, log, kafka }: KafkaReaderOptions): KafkaReader => {
  const access = kafka ?? { openFetcher, openMember, readMembers };
  const memory = createKafkaMemory();
  const ending = new AbortController();
  const { signal } = ending;
  let session: Session | undefined;
  let notify = () => {};
  let isFirst = true;
  const reads = Promise.withResolvers<void>();
  reads.promise.catch(() => {});

  const findTopic = async (fetcher: Fetcher): Promise<KafkaTopic> => {
    let isSaid = false;
    const onMissing = () => {
      memory.see(undefined);
      if (!isSaid) log(`there is no topic ${config.topic} yet: waits for it`);
      isSaid = true;
    };
    const topic = await waitForTopic(fetcher, onMissing, signal);
    memory.see(topic);
    return topic;
  };
  /** Before this process is a member itself. */
  const warnOnce = async (): Promise<void> => {
    if (!isFirst) return;
    isFirst = false;
    const warning = await access.readMembers(config).then(
      (members) => warningAbout(members, config.group),
      (error: unknown) => `cannot tell who else is in group ${config.group}: ${problemOf(error)}`,
    );
    if (warning !== undefined) log(warning);
  };
  const readOnce = async (): Promise<void> => {
    const fetcher = access.openFetcher(config);
    try {
      const topic = await findTopic(fetcher);
      await warnOnce();
      signal.throwIfAborted();
      const openOwn = (events: MemberEvents) => access.openMember(config, events);
      const events = { onArrival: () => notify(), onAssigned: reads.resolve };
      session = createSession({ config, topic, fetcher, openMember: openOwn, memory, ...events, log });
      await session.run();
    } finally {
      await session?.close();
      session = undefined;
      await fetcher.close().catch(() => {});
    }
  };
  let failures = 0;
  const onFailure = (error: unknown): void => {
    failures += 1;
    if (failures === FIRST_ATTEMPTS) reads.reject(new Error(`Kafka cannot be read: ${problemOf(error)}`));
  };
  const run = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const error = await readOnce().catch((failure: unknown) => failure);
      if (signal.aborted) return;
      onFailure(error);
      waitMs = Date.now() - startedAt > SOUND_MS ? FIRST_WAIT_MS : Math.min(LAST_WAIT_MS, waitMs * 2);
      log(`begins again in ${waitMs} ms: ${problemOf(error)}`);
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  };
  let running = Promise.resolve();
  return {
    start: () => {
      running = run();
      return reads.promise;
    },
    drain: (busy, accept) => {
      for (const [partition, queue] of session?.queues ?? []) if (!busy.has(partition)) queue.offer(accept);
      session?.bell.ring();
    },
    onArrival: (listener) => {
      notify = listener;
    },
    // Not awaited: a partition whose broker is away goes on with what was fetched before.
    commit: async (nextByPartition) => {
      memory.dealtWith(nextByPartition);
      for (const [partition, next] of nextByPartition) session?.queues.get(partition)?.skipTo(next);
      session?.commits.add(nextByPartition);
    },
    close: async () => {
      ending.abort();
      await session?.close();
      // A question that is under way may take longer than there is time for.
      await Promise.race([running, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
};
