import { setTimeout as delay } from 'node:timers/promises';
import { type Attempts, createAttempts } from './attempts.ts';
import { type Batch, type BatchLimits, byPartition, createBatch, type KafkaRecord } from './batch.ts';
import { type Bell, createBell } from './bell.ts';

/** A topic as one consumer group reads it: each record is offered until it is accepted, then never again. */
export interface RecordReader {
  /** Offers what waits in the partitions other than `busy`, each in order and up to the first record that is declined. */
  drain(busy: ReadonlySet<number>, accept: (record: KafkaRecord) => boolean): void;
  /** Calls it, now and then in vain, whenever `drain` may have more to offer. */
  onArrival(listener: () => void): void;
  /** By partition, the offset of the first record that is not yet processed. Never rejects: a later commit says more. */
  commit(nextOffsetByPartition: ReadonlyMap<number, number>): Promise<void>;
}

export interface EventSourceOptions extends Attempts {
  readonly reader: RecordReader;
  readonly batchSize: number;
  /** How long a batch that is not full waits for more. */
  readonly windowMs: number;
}

export interface EventSource {
  /** Starts no batch and no attempt any more, and waits so long for what is in flight. */
  stop(timeoutMs: number): Promise<void>;
}

/** Lambda's own limit on an event. */
const MAX_EVENT_BYTES = 6_000_000;

/** Answers a batch once it is full or its window is over, or whatever there is when it is stopped. */
const createCollect = (
  { reader, batchSize, windowMs }: EventSourceOptions,
  busy: ReadonlySet<number>,
  bell: Bell,
  stopping: AbortSignal,
) => {
  const limits: BatchLimits = { maxRecords: batchSize, maxBytes: MAX_EVENT_BYTES };
  return async (): Promise<Batch> => {
    const batch = createBatch(limits);
    let isOver = windowMs <= 0;
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      isOver = true;
      bell.ring();
    };
    while (!stopping.aborted) {
      reader.drain(busy, batch.accept);
      const hasRecords = batch.records.length > 0;
      if (batch.isFull() || (hasRecords && isOver)) break;
      if (hasRecords) timer ??= setTimeout(end, windowMs);
      await bell.rung();
    }
    clearTimeout(timer);
    return batch;
  };
};

/** Processes batches beside each other; a partition is busy as long as a batch has records of it. */
const createInFlight = (
  busy: Set<number>,
  bell: Bell,
  processBatch: (records: readonly KafkaRecord[]) => Promise<void>,
) => {
  const inFlight = new Set<Promise<void>>();
  return {
    start: (records: readonly KafkaRecord[]): void => {
      const partitions = [...byPartition(records).keys()];
      for (const partition of partitions) busy.add(partition);
      const done = processBatch(records).finally(() => {
        for (const partition of partitions) busy.delete(partition);
        inFlight.delete(done);
        bell.ring();
      });
      inFlight.add(done);
    },
    ended: () => Promise.all(inFlight),
  };
};

/**
 * Lambda's event source mapping for Kafka: batches of many partitions, each partition in one batch at a time, the whole batch again
 * after a failure, and in between nothing newer of its partitions.
 */
export const startEventSource = (options: EventSourceOptions): EventSource => {
  const { reader } = options;
  const stopping = new AbortController();
  const bell = createBell();
  const busy = new Set<number>();
  const attempt = createAttempts(options, stopping.signal);
  const inFlight = createInFlight(busy, bell, async (records) => {
    const nextOffsets = await attempt(records);
    if (nextOffsets !== undefined) await reader.commit(nextOffsets);
  });
  const collect = createCollect(options, busy, bell, stopping.signal);
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { records } = await collect();
      if (records.length > 0 && !stopping.signal.aborted) inFlight.start(records);
    }
  };

  reader.onArrival(bell.ring);
  const running = run();
  return {
    stop: async (timeoutMs) => {
      stopping.abort();
      bell.ring();
      const ended = new AbortController();
      const idle = running.then(inFlight.ended).then(() => ended.abort());
      await Promise.race([idle, delay(timeoutMs, undefined, { signal: ended.signal }).catch(() => {})]);
    },
  };
};
