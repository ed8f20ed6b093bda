import { type BatchResult, batchUndelivered, countResult, countsOf, resultOf } from './batch-result.ts';
import { groupByComet, type Routed } from './domain/batch.ts';
import { type DeadLetter, opLetters, recordLetter } from './domain/dead-letter.ts';
import { MAX_DELIVERY_BYTES } from './domain/limits.ts';
import type { MalformedRecord, PushMessage } from './domain/push-message.ts';
import { createRouter, type RoomRouting, type Route } from './domain/route.ts';
import { type ErrorDetails, ServiceError } from './errors.ts';
import { fanOut, type Send } from './fan-out.ts';
import type { Log } from './log.ts';
import type { ViewLoader } from './view.ts';

export interface DispatchDeps {
  readonly view: ViewLoader;
  readonly send: Send;
  /** Rejects unless every letter is stored. */
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly roomRouting: RoomRouting;
  readonly log: Log;
  readonly now: () => number;
}

export type DispatchRecord = PushMessage | MalformedRecord;
/** `endsAt`: when Lambda stops us, ms since 1970. */
export type Dispatch = (records: readonly DispatchRecord[], endsAt: number) => Promise<void>;

interface Plan {
  readonly routed: readonly Routed[];
  /** Pushes whose comet is not in a fleet that is up to date. */
  readonly gone: readonly DeadLetter[];
}

const isMalformed = (record: DispatchRecord): record is MalformedRecord => 'malformed' in record;

const roomsOf = (messages: readonly PushMessage[], routing: RoomRouting): Set<string> =>
  routing === 'all'
    ? new Set()
    : new Set(messages.flatMap(({ target }) => (target.type === 'room' ? [target.room] : [])));

const fleetUnknown = (reason: string): ServiceError =>
  new ServiceError('FLEET_UNKNOWN', reason, { retryable: true });

/** `topic/partition:first-last` of each partition; an event has its records partition by partition. */
const rangesOf = (records: readonly DispatchRecord[]): string[] => {
  const starts = records.filter((record, index) => {
    const before = records[index - 1];
    return before?.partition !== record.partition || before.topic !== record.topic;
  });
  const ends = records.filter((record, index) => {
    const after = records[index + 1];
    return after?.partition !== record.partition || after.topic !== record.topic;
  });
  return starts.map(
    ({ topic, partition, offset }, i) => `${topic}/${partition}:${offset}-${ends[i]?.offset}`,
  );
};

/** The routes of a batch's messages, or an error if one of them has to wait for the fleet. */
const planOf = (messages: readonly PushMessage[], routes: readonly Route[], current: boolean): Plan => {
  const routed: Routed[] = [];
  const gone: DeadLetter[] = [];
  for (const [index, message] of messages.entries()) {
    const route = routes[index] as Route;
    if (route.kind === 'fleet-unknown') throw fleetUnknown('The fleet has no live comet');
    if (route.kind === 'comets') routed.push({ message, comets: route.comets });
    else if (!current)
      throw fleetUnknown('A push names a comet that is not in the fleet, and the fleet is out of date');
    else if (message.target.type === 'push')
      gone.push(...opLetters(message, message.target.comet, { reason: 'gone' }));
  }
  return { routed, gone };
};

/** One line a batch: here, or where the failure of the batch is logged. */
const report = (log: Log, result: BatchResult, counts: ErrorDetails): void => {
  countResult(log, result);
  if (result.undelivered > 0) throw batchUndelivered(result, counts);
  log.info('batch', counts);
};

export const createDispatch = (deps: DispatchDeps): Dispatch => {
  const { log, now } = deps;

  const plan = async (messages: readonly PushMessage[]): Promise<Plan> => {
    if (messages.length === 0) return { routed: [], gone: [] };
    const rooms = roomsOf(messages, deps.roomRouting);
    let view = await deps.view.load(rooms);
    const routeAll = (): Route[] => {
      const route = createRouter(view, deps.roomRouting);
      return messages.map(({ target }) => route(target));
    };
    let routes = routeAll();
    if (routes.some(({ kind }) => kind !== 'comets')) {
      view = await deps.view.load(rooms, { afresh: true });
      routes = routeAll();
    }
    return planOf(messages, routes, view.current);
  };

  const bury = async (letters: readonly DeadLetter[]): Promise<void> => {
    if (letters.length === 0) return;
    await deps.deadLetters.write(letters);
    for (const { reason, topic, partition, offset, comet } of letters) {
      log.warn('dead letter', { reason, topic, partition, offset, comet });
    }
    log.metric('DeadLetters', letters.length);
  };

  return async (records, endsAt) => {
    const startedAt = now();
    const malformed = records.filter(isMalformed);
    const messages = records.filter((record): record is PushMessage => !isMalformed(record));
    const { routed, gone } = await plan(messages);
    const sent = await fanOut(groupByComet(routed, MAX_DELIVERY_BYTES), deps.send, endsAt, now);
    const result = resultOf(sent, messages, gone);
    await bury([...malformed.map(recordLetter), ...result.letters]);
    log.metric('Records', records.length);
    report(log, result, {
      partitions: rangesOf(records),
      records: records.length,
      malformed: malformed.length,
      ...countsOf(result),
      durationMs: now() - startedAt,
    });
    const oldest = records.reduce((min, { timestamp }) => Math.min(min, timestamp), now());
    log.metric('RecordAgeMs', now() - oldest);
  };
};
