import { setTimeout as delay } from 'node:timers/promises';
import type { Bell } from '../event-source/bell.ts';
import { problemOf } from './client.ts';
import type { Fetcher, KafkaTopic } from './fetcher.ts';
import type { PartitionQueue, QueueLimits } from './partition-queue.ts';

export interface FetchLoopOptions {
  readonly fetcher: Fetcher;
  /** The topic as it was when its partitions were assigned. */
  readonly topic: KafkaTopic;
  /** By partition; those that are ours come and go. */
  readonly queues: ReadonlyMap<number, PartitionQueue>;
  readonly limits: () => QueueLimits;
  /** Rings when a queue is new or has room again. */
  readonly bell: Bell;
  readonly onArrival: () => void;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The topic is gone, another one, or has more partitions than are shared out in the group. */
class TopicChanged extends Error {}

interface Asked {
  readonly queue: PartitionQueue;
  readonly offset: number;
}

/** Between attempts, as long as Kafka does not answer. */
const FIRST_WAIT_MS = 100;
const LAST_WAIT_MS = 2_000;
/** Then everything is opened anew: the membership too may be one that only this process believes in. */
const GIVE_UP_MS = 30_000;
/** How soon a changed topic or leader is noticed while nothing else happens. */
const LOOK_MS = 1_000;

/** One line for an outage, one for its end, and a longer wait after each failure. Throws the error once it has lasted too long. */
const createOutage = (log: (line: string) => void) => {
  let since: number | undefined;
  let waitMs = FIRST_WAIT_MS;
  return {
    failed: (error: unknown): number => {
      if (since === undefined) log(`cannot read, and tries again: ${problemOf(error)}`);
      since ??= Date.now();
      if (Date.now() - since > GIVE_UP_MS) throw error;
      waitMs = Math.min(LAST_WAIT_MS, waitMs * 2);
      return waitMs;
    },
    ended: () => {
      if (since !== undefined) log('reads again');
      since = undefined;
      waitMs = FIRST_WAIT_MS;
    },
  };
};

const isSameTopic = (one: KafkaTopic, other: KafkaTopic): boolean =>
  one.id === other.id && one.leaders.length === other.leaders.length;

const offsetsOf = (asked: ReadonlyMap<number, Asked>): Map<number, number> =>
  new Map([...asked].map(([partition, { offset }]) => [partition, offset]));

/** Goes on at the log's beginning where the log no longer has the offset. */
const moveIntoRange = async (
  asked: ReadonlyMap<number, Asked>,
  { fetcher, log }: FetchLoopOptions,
): Promise<void> => {
  const earliest = await fetcher.edges([...asked.keys()], 'earliest');
  const latest = await fetcher.edges([...asked.keys()], 'latest');
  for (const [partition, { queue, offset }] of asked) {
    const [from = 0, to = 0] = [earliest.get(partition), latest.get(partition)];
    if (offset >= from && offset <= to) continue;
    log(`partition ${partition} has the offsets ${from} to ${to} and not ${offset}: goes on at ${from}`);
    queue.moveTo(from);
  }
};

/** Keeps the queues filled: one fetch at a time from each broker, of the partitions with room. Rejects when all is to be opened anew. */
export const runFetchLoop = async (options: FetchLoopOptions): Promise<void> => {
  const { fetcher, topic, queues, limits, bell, onArrival, log, signal } = options;
  const busyNodes = new Set<number>();
  const outage = createOutage(log);
  const failed = Promise.withResolvers<never>();

  const wanted = ({ leaders }: KafkaTopic) => {
    const room = limits();
    const idle = [...queues].filter(
      ([partition, queue]) => !busyNodes.has(leaders[partition] ?? -1) && queue.hasRoom(room),
    );
    return Map.groupBy(idle, ([partition]) => leaders[partition] ?? -1);
  };
  const keep = (asked: ReadonlyMap<number, Asked>, answer: Awaited<ReturnType<Fetcher['fetch']>>) => {
    if (answer === 'out-of-range') return moveIntoRange(asked, options);
    for (const { partition, records, next } of answer) {
      const { queue, offset } = asked.get(partition) ?? {};
      // A queue that is no longer there, or has moved meanwhile, would get a gap.
      if (queue !== undefined && queues.get(partition) === queue && queue.position() === offset) {
        queue.append(records, next);
      }
    }
    return onArrival();
  };
  const fetchFrom = async (node: number, asked: ReadonlyMap<number, Asked>): Promise<void> => {
    busyNodes.add(node);
    try {
      await keep(asked, await fetcher.fetch(node, offsetsOf(asked)));
      outage.ended();
    } catch (error) {
      if (!signal.aborted) await delay(outage.failed(error), undefined, { signal });
    } finally {
      busyNodes.delete(node);
      bell.ring();
    }
  };
  const turn = async (): Promise<void> => {
    const now = await fetcher.topic();
    if (now === undefined || !isSameTopic(now, topic)) throw new TopicChanged('the topic has changed');
    for (const [node, some] of wanted(now)) {
      if (node < 0) continue;
      const asked = new Map(
        some.map(([partition, queue]) => [partition, { queue, offset: queue.position() }]),
      );
      fetchFrom(node, asked).catch(failed.reject);
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const rung = bell.rung();
      try {
        await turn();
      } catch (error) {
        if (error instanceof TopicChanged) throw error;
        await delay(outage.failed(error), undefined, { signal });
        continue;
      }
      await rung;
    }
  };
  const look = setInterval(bell.ring, LOOK_MS);
  await Promise.race([run(), failed.promise]).finally(() => clearInterval(look));
};
