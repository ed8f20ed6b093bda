import { setTimeout as delay } from 'node:timers/promises';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { type KafkaRecord, toKafkaEvent } from '../../local/event-source/batch.ts';
import { cometId } from '../events.ts';
import { nowMs } from './clock.ts';
import type { Rig } from './rig.ts';

export interface LoadOptions {
  readonly partitions: number;
  /** Between the batches of one partition. */
  readonly everyMs: number;
  /** All partitions together. */
  readonly opsPerS: number;
  /** The records go to them in turn. */
  readonly comets: number;
  /** Of the partitions and of the comets, the first; 0 by default. */
  readonly first?: { readonly partition: number; readonly comet: number };
}

export interface LoadReport {
  readonly records: number;
  readonly batches: number;
  /** Batches that had to come again. */
  readonly failures: number;
  /** Batches a second, over those that were due: less than 1 when a batch takes longer than the time to the next. */
  readonly pace: number;
}

/** Steady traffic, as Lambda's event source hands it on: one batch a partition in flight, and the next with all that is due by then. */
export interface Load {
  readonly startedAt: number;
  /** Nothing more is due; resolves once all that was is answered. */
  stop(): Promise<LoadReport>;
}

const TOPIC = 'goim-push-topic';
const ORIGIN = { eventSourceArn: 'arn:aws:kafka:example', bootstrapServers: 'example:9092' };
const OPERATION = 1000;
const BODY_BYTES = 100;
/** Of one partition, each with an order of its own; so few that each gets some ops in an outage. */
const KEYS = 100;
const MAX_BATCH = 1_000;
const AGAIN_MS = 100;

/** By partition, for all loads: a partition's offsets never begin anew. */
const nextOffsets = new Map<number, number>();

const takeOffset = (partition: number): number => {
  const offset = nextOffsets.get(partition) ?? 0;
  nextOffsets.set(partition, offset + 1);
  return offset;
};

const recordOf = (partition: number, offset: number, comet: string, dueAt: number): KafkaRecord => {
  const key = `key-${partition}-${offset % KEYS}`;
  const body = Buffer.from(`${dueAt} ${key} ${offset}`.padEnd(BODY_BYTES));
  const encoded = encodeV2({
    target: { type: 'push', comet, keys: [key] },
    operation: OPERATION,
    body,
  });
  const time = { timestamp: Date.now(), timestampType: 'CREATE_TIME' } as const;
  return { topic: TOPIC, partition, offset, ...time, ...encoded, headers: [] };
};

export const startLoad = (rig: Pick<Rig, 'dispatch'>, options: LoadOptions): Load => {
  const { partitions, everyMs, opsPerS, comets, first = { partition: 0, comet: 0 } } = options;
  const perBatch = Math.round((opsPerS * everyMs) / 1000 / partitions);
  const startedAt = nowMs();
  const total = { records: 0, batches: 0, failures: 0 };
  let endedAt = Number.POSITIVE_INFINITY;

  const untilTaken = async (records: readonly KafkaRecord[]): Promise<void> => {
    for (;;) {
      try {
        await rig.dispatch(toKafkaEvent(records, ORIGIN));
        total.records += records.length;
        total.batches += 1;
        return;
      } catch {
        total.failures += 1;
        await delay(AGAIN_MS);
      }
    }
  };

  const dueAt = (place: number, tick: number): number => startedAt + (tick + place / partitions) * everyMs;

  const makeRecord = (place: number, dueAt: number): KafkaRecord => {
    const partition = first.partition + place;
    const offset = takeOffset(partition);
    const comet = cometId(first.comet + ((offset + place) % comets));
    return recordOf(partition, offset, comet, dueAt);
  };

  /** Of the ticks from `from` on that are due by now. */
  const takeDue = (place: number, from: number): KafkaRecord[] => {
    const until = Math.min(nowMs(), endedAt);
    const ticks = Math.floor((until - startedAt) / everyMs - place / partitions) + 1 - from;
    const taken = Math.max(0, Math.min(ticks, Math.floor(MAX_BATCH / perBatch)));
    return Array.from({ length: taken * perBatch }, (_, index) =>
      makeRecord(place, dueAt(place, from + Math.floor(index / perBatch))),
    );
  };

  const run = async (place: number): Promise<void> => {
    for (let tick = 0; ; ) {
      const records = takeDue(place, tick);
      tick += records.length / perBatch;
      if (records.length > 0) await untilTaken(records);
      else if (endedAt <= nowMs()) return;
      else await delay(Math.max(0, dueAt(place, tick) - nowMs()));
    }
  };
  const running = Array.from({ length: partitions }, (_, place) => run(place));
  return {
    startedAt,
    stop: async () => {
      endedAt = nowMs();
      await Promise.all(running);
      const due = ((endedAt - startedAt) / everyMs) * partitions;
      return { ...total, pace: total.batches / due };
    },
  };
};
