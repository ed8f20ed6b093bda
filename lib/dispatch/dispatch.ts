import type { Clock } from '../clock.ts';
import { countDropped } from '../count-dropped.ts';
import { groupByComet, type Held } from '../domain/batch.ts';
import { type DeadLetter, opLetters, recordLetter } from '../domain/dead-letter.ts';
import { isExpired } from '../domain/give-up.ts';
import { holdBack, isInFleet } from '../domain/hold-back.ts';
import { MAX_DELIVERY_BYTES, PARKS_IN_FLIGHT } from '../domain/limits.ts';
import type { Mark } from '../domain/mark.ts';
import {
  type Coordinates,
  type MalformedRecord,
  type PushMessage,
  partitionName,
} from '../domain/push-message.ts';
import { createInFlight } from '../in-flight.ts';
import type { Log } from '../log.ts';
import { type BuryDeps, createBury } from '../parking/bury.ts';
import type { Park } from '../parking/park.ts';
import { fanOut, type Sender } from './fan-out.ts';
import { type BatchResult, batchUndelivered, countResult, countsOf, resultOf } from './result.ts';
import { createRouting, type RoutingDeps } from './routing.ts';

export interface DispatchDeps extends BuryDeps, RoutingDeps {
  readonly sender: Sender;
  /** The comets that are behind on a partition. Consistent: rejects with the store's errors. */
  readonly behind: { readPartition(partition: string): Promise<readonly Mark[]> };
  readonly park: Park;
  /** Older messages are dropped; 0 keeps all. */
  readonly messageTtlS: number;
  readonly log: Log;
  readonly clock: Clock;
}

export type DispatchRecord = PushMessage | MalformedRecord;

export interface DispatchOptions {
  /** When Lambda stops us, ms since 1970. */
  readonly endsAt: number;
  /** By hand, from dead letters: exempt from `MESSAGE_TTL_S`. */
  readonly replayed: boolean;
  /** The one comet that the records are for; it is tried though it may be behind, for no order is kept with what is replayed. */
  readonly only?: string;
}

/** Resolves once every op is delivered, given up with a reason, or parked; else the batch has to come again. */
export type Dispatch = (records: readonly DispatchRecord[], options: DispatchOptions) => Promise<void>;

const isMalformed = (record: DispatchRecord): record is MalformedRecord => 'malformed' in record;

const isSamePartition = (a: Coordinates | undefined, b: Coordinates | undefined): boolean =>
  a?.partition === b?.partition && a?.topic === b?.topic;

/** The first of each partition; an event has its records partition by partition. */
const startsOf = <T extends Coordinates>(records: readonly T[]): T[] =>
  records.filter((record, index) => !isSamePartition(records[index - 1], record));

/** `topic/partition:first-last` of each partition. */
const rangesOf = (records: readonly DispatchRecord[]): string[] => {
  const ends = records.filter((record, index) => !isSamePartition(record, records[index + 1]));
  return startsOf(records).map(
    ({ topic, partition, offset }, i) => `${topic}/${partition}:${offset}-${ends[i]?.offset}`,
  );
};

/** Before anything is sent: what is newer must not pass what is parked. */
const readMarks = async (
  { behind }: DispatchDeps,
  messages: readonly PushMessage[],
): Promise<readonly Mark[]> => {
  const partitions = [...new Set(startsOf(messages).map(partitionName))];
  return (await Promise.all(partitions.map(behind.readPartition))).flat();
};

const TOO_LARGE = { status: 'dropped', reason: 'too-large-to-park' } as const;

/** Answers letters of what was too large. Rejects with the stores' errors unless all others are parked. */
const parkAll = async (
  { park }: DispatchDeps,
  held: readonly Held[],
  replayed: boolean,
): Promise<DeadLetter[]> => {
  const inFlight = createInFlight(PARKS_IN_FLIGHT, Number.POSITIVE_INFINITY);
  const left = held.map(async ({ comet, ops, retryAfterMs }) => {
    const tooLarge = await inFlight.run(0, () =>
      park(comet.id, ops, {
        inFleet: isInFleet(comet),
        replayed,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
    );
    return tooLarge.flatMap((op) => opLetters(op, comet.id, TOO_LARGE));
  });
  return (await Promise.all(left)).flat();
};

/** For a log line. */
const countParked = (log: Log, held: readonly Held[], tooLarge: number) => {
  const parked = held.reduce((sum, { ops }) => sum + ops.length, 0) - tooLarge;
  if (tooLarge === 0) return { parked };
  countDropped(log, new Map([[TOO_LARGE.reason, tooLarge]]));
  return { parked, tooLargeToPark: tooLarge };
};

export const createDispatch = (deps: DispatchDeps): Dispatch => {
  const { log, clock } = deps;
  const { now } = clock;
  const bury = createBury(deps);
  const route = createRouting(deps);

  const settle = async (result: BatchResult, held: readonly Held[], replayed: boolean) => {
    if (result.throttled > 0) throw batchUndelivered(result);
    const all = [...held, ...result.undelivered];
    const letters = await parkAll(deps, all, replayed);
    await bury(letters);
    return countParked(log, all, letters.length);
  };

  return async (records, { endsAt, replayed, only }) => {
    const startedAt = now();
    const malformed = records.filter(isMalformed);
    const decoded = records.filter((record): record is PushMessage => !isMalformed(record));
    const messages = decoded.filter(
      ({ timestamp }) => replayed || !isExpired(timestamp, startedAt, deps.messageTtlS),
    );
    const ordered = only === undefined ? messages : [];
    const [routed, marks] = await Promise.all([route(messages, only), readMarks(deps, ordered)]);
    const { deliveries, held } = groupByComet(routed, MAX_DELIVERY_BYTES, holdBack(marks));
    const result = resultOf(
      await fanOut(deliveries, deps.sender, endsAt, clock),
      decoded.length - messages.length,
    );
    await bury([...malformed.map(recordLetter), ...result.letters]);
    log.metric('Records', records.length);
    countResult(log, result);
    const parked = await settle(result, held, replayed);
    const partitions = rangesOf(records);
    const durationMs = now() - startedAt;
    log.info('batch', {
      partitions,
      records: records.length,
      malformed: malformed.length,
      ...countsOf(result),
      ...parked,
      durationMs,
    });
    const oldest = records.reduce((min, { timestamp }) => Math.min(min, timestamp), now());
    log.metric('RecordAgeMs', now() - oldest);
  };
};
