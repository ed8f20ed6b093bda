import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaEvent } from '../../local/event-source/batch.ts';
import {
  type EventSource,
  type RecordReader,
  startEventSource,
} from '../../local/event-source/event-source.ts';
import type { Topic } from '../../local/topic/topic.ts';
import type { Random } from '../random.ts';
import type { CallOptions } from './functions.ts';
import type { Ledger } from './ledger.ts';

/** What goes wrong with one batch. */
export type BatchFault =
  /** The work is done, the answer is lost, the same batch comes again. */
  | 'answer-lost'
  /** The same, and it comes again as two batches. */
  | 'comes-cut'
  /** The first attempt had only its first part. */
  | 'comes-longer'
  /** The function dies in the middle. */
  | 'dies'
  /** The function dies in the middle, and it comes again as two batches. */
  | 'dies-and-comes-cut'
  /** The event source gives up, the function goes on. */
  | 'zombie';

export interface SourceOptions {
  readonly topic: Topic;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly dispatch: (event: KafkaEvent, options: CallOptions) => Promise<unknown>;
  readonly log: (line: string) => void;
}

/** Lambda's event source mapping with two pollers, and faults for their batches. */
export interface Source {
  /** Of the next batch; `onHit` is called when there was one. */
  inject(fault: BatchFault, onHit: () => void): void;
  liftAll(): void;
  failures(): number;
  stop(): Promise<void>;
}

const BATCH_SIZE = 60;
const WINDOW_MS = 20;
const POLLERS = 2;
const BACK_OFF = { firstMs: 50, lastMs: 1_000 };

class BatchFailed extends Error {}

const readerOf = (topic: Topic, poller: number, onArrival: (listener: () => void) => void): RecordReader => {
  const others = Array.from({ length: topic.partitions }, (_, index) => index).filter(
    (index) => index % POLLERS !== poller,
  );
  return {
    drain: (busy, accept) => topic.drain(new Set([...busy, ...others]), accept),
    onArrival,
    commit: topic.commit,
  };
};

const nameOf = ({ records }: KafkaEvent): string =>
  Object.entries(records)
    .map(([partition, [first]]) => `${partition}:${first?.offset}`)
    .join();

/** The first so many records of each partition, and the rest. */
const cutEvent = (event: KafkaEvent, random: Random): KafkaEvent[] => {
  const entries = Object.entries(event.records).map(([partition, records]) => {
    const at = random.int(0, records.length);
    return { partition, head: records.slice(0, at), tail: records.slice(at) };
  });
  const eventOf = (part: 'head' | 'tail'): KafkaEvent => ({
    ...event,
    records: Object.fromEntries(
      entries.filter((entry) => entry[part].length > 0).map((entry) => [entry.partition, entry[part]]),
    ),
  });
  return [eventOf('head'), eventOf('tail')].filter(({ records }) => Object.keys(records).length > 0);
};

export const startSource = (options: SourceOptions): Source => {
  const { topic, ledger, random, dispatch, log } = options;
  const waiting: { fault: BatchFault; onHit: () => void }[] = [];
  const cutNext = new Set<string>();
  const listeners = new Set<() => void>();
  topic.onArrival(() => {
    for (const listener of listeners) listener();
  });
  let failures = 0;

  const withFault = async (fault: BatchFault, event: KafkaEvent): Promise<never> => {
    const killAfterMs = random.int(1, 60);
    switch (fault) {
      case 'answer-lost':
        await dispatch(event, {});
        break;
      case 'comes-cut':
        cutNext.add(nameOf(event));
        await dispatch(event, {});
        break;
      case 'comes-longer':
        await dispatch(cutEvent(event, random)[0] ?? event, {});
        break;
      case 'dies':
        await dispatch(event, { killAfterMs });
        break;
      case 'dies-and-comes-cut':
        cutNext.add(nameOf(event));
        await dispatch(event, { killAfterMs });
        break;
      case 'zombie':
        dispatch(event, {}).catch(() => {});
        await pause(random.int(1, 100));
    }
    throw new BatchFailed(fault);
  };

  const attempt = async (event: KafkaEvent): Promise<void> => {
    const next = waiting.shift();
    next?.onHit();
    if (next !== undefined) return await withFault(next.fault, event);
    const parts = cutNext.delete(nameOf(event)) ? cutEvent(event, random) : [event];
    for (const part of parts) await dispatch(part, {});
  };

  const invoke = async (event: KafkaEvent): Promise<void> => {
    try {
      await attempt(event);
    } catch (error) {
      failures += 1;
      throw error;
    }
    for (const records of Object.values(event.records))
      ledger.committed(
        records[0]?.partition ?? 0,
        records.map(({ offset }) => offset),
      );
  };

  const pollers: EventSource[] = Array.from({ length: POLLERS }, (_, poller) =>
    startEventSource({
      reader: readerOf(topic, poller, (listener) => listeners.add(listener)),
      invoke,
      origin: {
        eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/chaos/0',
        bootstrapServers: 'chaos:9092',
      },
      batchSize: BATCH_SIZE,
      windowMs: WINDOW_MS,
      log,
      backOff: BACK_OFF,
    }),
  );
  return {
    inject: (fault, onHit) => waiting.push({ fault, onHit }),
    liftAll: () => {
      waiting.length = 0;
    },
    failures: () => failures,
    stop: async () => {
      await Promise.all(pollers.map((poller) => poller.stop(5_000)));
    },
  };
};
