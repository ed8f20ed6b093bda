import type { EncodedOp } from './domain/batch.ts';
import { type DeadLetter, isDeadLetter, opLetters } from './domain/dead-letter.ts';
import type { Comet } from './domain/fleet.ts';
import type { DropReason, Outcome, UndeliveredCode } from './domain/outcome.ts';
import { opId, type PushMessage } from './domain/push-message.ts';
import { type ErrorDetails, ServiceError } from './errors.ts';
import type { Sent } from './fan-out.ts';
import type { Log, MetricName } from './log.ts';

/** What became of the ops of a batch. */
export interface BatchResult {
  readonly delivered: number;
  readonly undelivered: number;
  readonly calls: number;
  readonly droppedByReason: ReadonlyMap<DropReason, number>;
  /** Of the dropped ops that are to be kept. */
  readonly letters: readonly DeadLetter[];
  /** Comets with undelivered ops, each with its first code: `comet-1:COMET_TIMEOUT`. */
  readonly failing: readonly string[];
}

const METRIC: Readonly<Record<DropReason, MetricName>> = {
  expired: 'DroppedExpired',
  gone: 'DroppedGone',
  refused: 'DroppedRefused',
  slow: 'DroppedSlow',
  'parked-too-long': 'DroppedParkedTooLong',
};

interface Tally {
  delivered: number;
  undelivered: number;
  calls: number;
  readonly droppedByReason: Map<DropReason, number>;
  readonly letters: DeadLetter[];
  readonly failing: string[];
}

const countDrop = (tally: Tally, reason: DropReason): void => {
  tally.droppedByReason.set(reason, (tally.droppedByReason.get(reason) ?? 0) + 1);
};

type MessageOf = (opId: string) => PushMessage | undefined;

const tallyChunk = (
  tally: Tally,
  { id }: Comet,
  ops: readonly EncodedOp[],
  outcomes: readonly Outcome[],
  messageOf: MessageOf,
): UndeliveredCode | undefined => {
  let firstCode: UndeliveredCode | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    switch (outcome.status) {
      case 'delivered':
        tally.delivered += 1;
        break;
      case 'undelivered':
        tally.undelivered += 1;
        firstCode ??= outcome.code;
        break;
      case 'dropped': {
        countDrop(tally, outcome.reason);
        const message = messageOf(ops[index]?.op.id ?? '');
        if (message === undefined || !isDeadLetter(outcome.reason, message.target)) break;
        tally.letters.push(...opLetters(message, id, outcome));
      }
    }
  }
  return firstCode;
};

const tallyDelivery = (tally: Tally, { delivery, outcomes, calls }: Sent, messageOf: MessageOf): void => {
  const { comet, chunks } = delivery;
  const codes = chunks.map(({ ops }, index) =>
    tallyChunk(tally, comet, ops, outcomes[index] ?? [], messageOf),
  );
  const firstCode = codes.find((code) => code !== undefined);
  tally.calls += calls;
  if (firstCode !== undefined) tally.failing.push(`${comet.id}:${firstCode}`);
};

/** Adds up the deliveries; `gone` are the pushes that routing gave up. */
export const resultOf = (
  sent: readonly Sent[],
  messages: readonly PushMessage[],
  gone: readonly DeadLetter[],
): BatchResult => {
  const tally: Tally = {
    delivered: 0,
    undelivered: 0,
    calls: 0,
    droppedByReason: new Map(),
    letters: [...gone],
    failing: [],
  };
  if (gone.length > 0) tally.droppedByReason.set('gone', gone.length);
  let byId: Map<string, PushMessage> | undefined;
  const messageOf: MessageOf = (id) => {
    byId ??= new Map(messages.map((message) => [opId(message), message]));
    return byId.get(id);
  };
  for (const delivery of sent) tallyDelivery(tally, delivery, messageOf);
  return tally;
};

export const countResult = (
  log: Log,
  { delivered, undelivered, calls, droppedByReason }: BatchResult,
): void => {
  log.metric('Delivered', delivered);
  if (undelivered > 0) log.metric('Undelivered', undelivered);
  log.metric('Rpcs', calls);
  for (const [reason, count] of droppedByReason) log.metric(METRIC[reason], count);
};

/** For a log line. */
export const countsOf = ({ delivered, undelivered, calls, droppedByReason }: BatchResult): ErrorDetails => {
  const dropped = [...droppedByReason.values()].reduce((sum, count) => sum + count, 0);
  return { delivered, dropped, undelivered, calls };
};

/** The whole batch has to come again. */
export const batchUndelivered = ({ undelivered, failing }: BatchResult, counts: ErrorDetails): ServiceError =>
  new ServiceError(
    'BATCH_UNDELIVERED',
    `${undelivered} ops are undelivered, so the batch has to come again`,
    {
      retryable: true,
      details: { ...counts, comets: failing },
    },
  );
