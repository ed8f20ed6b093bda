import { countDropped } from '../count-dropped.ts';
import type { EncodedOp, Held } from '../domain/batch.ts';
import { type DeadLetter, isDeadLetter, opLetters } from '../domain/dead-letter.ts';
import type { DropReason, Outcome, UndeliveredCode } from '../domain/outcome.ts';
import { type ErrorDetails, ServiceError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Sent } from './fan-out.ts';

/** What became of the ops of a batch. */
export interface BatchResult {
  readonly delivered: number;
  /** Not run at all, for want of concurrency: Kafka keeps them, not the table. */
  readonly throttled: number;
  readonly calls: number;
  readonly droppedByReason: ReadonlyMap<DropReason, number>;
  /** Of the dropped ops that are to be kept. */
  readonly letters: readonly DeadLetter[];
  /** The undelivered ops of each comet. */
  readonly undelivered: readonly Held[];
  /** Comets with undelivered ops, each with its first code: `comet-1:COMET_TIMEOUT`. */
  readonly failing: readonly string[];
}

interface Tally {
  delivered: number;
  throttled: number;
  calls: number;
  readonly droppedByReason: Map<DropReason, number>;
  readonly letters: DeadLetter[];
  readonly undelivered: Held[];
  readonly failing: string[];
}

const countDrop = (tally: Tally, reason: DropReason, count = 1): void => {
  tally.droppedByReason.set(reason, (tally.droppedByReason.get(reason) ?? 0) + count);
};

const tallyOp = (tally: Tally, comet: string, { op }: EncodedOp, outcome: Outcome): void => {
  switch (outcome.status) {
    case 'delivered':
      tally.delivered += 1;
      return;
    case 'undelivered':
      if (outcome.code === 'DELIVER_THROTTLED') tally.throttled += 1;
      return;
    case 'dropped':
      countDrop(tally, outcome.reason);
      if (isDeadLetter(outcome.reason, op.type)) tally.letters.push(...opLetters(op, comet, outcome));
  }
};

const tallyDelivery = (tally: Tally, { delivery, outcomes, calls }: Sent): void => {
  const { comet, chunks } = delivery;
  const left: EncodedOp[] = [];
  let firstCode: UndeliveredCode | undefined;
  let retryAfterMs = 0;
  const tallyOutcome = (op: EncodedOp, outcome: Outcome): void => {
    tallyOp(tally, comet.id, op, outcome);
    if (outcome.status !== 'undelivered') return;
    left.push(op);
    firstCode ??= outcome.code;
    retryAfterMs = Math.max(retryAfterMs, outcome.retryAfterMs ?? 0);
  };
  for (const [index, { ops }] of chunks.entries()) {
    ops.forEach((op, place) => {
      tallyOutcome(op, outcomes[index]?.[place] as Outcome);
    });
  }
  tally.calls += calls;
  if (firstCode === undefined) return;
  tally.undelivered.push({ comet, ops: left, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) });
  tally.failing.push(`${comet.id}:${firstCode}`);
};

/** Adds up the deliveries; `expired` messages were dropped before. */
export const resultOf = (sent: readonly Sent[], expired: number): BatchResult => {
  const tally: Tally = {
    delivered: 0,
    throttled: 0,
    calls: 0,
    droppedByReason: new Map(),
    letters: [],
    undelivered: [],
    failing: [],
  };
  if (expired > 0) countDrop(tally, 'expired', expired);
  for (const delivery of sent) tallyDelivery(tally, delivery);
  return tally;
};

const sumOf = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0);

export const countResult = (log: Log, { delivered, calls, droppedByReason }: BatchResult): void => {
  log.metric('Delivered', delivered);
  log.metric('Rpcs', calls);
  countDropped(log, droppedByReason);
};

/** For a log line; `comets`: those that did not take their ops, if there are any. */
export const countsOf = ({
  delivered,
  undelivered,
  calls,
  droppedByReason,
  failing,
}: BatchResult): ErrorDetails => ({
  delivered,
  dropped: sumOf(droppedByReason.values()),
  undelivered: sumOf(undelivered.map(({ ops }) => ops.length)),
  calls,
  ...(failing.length > 0 ? { comets: failing } : {}),
});

/** The whole batch has to come again. */
export const batchUndelivered = (result: BatchResult): ServiceError =>
  new ServiceError(
    'BATCH_UNDELIVERED',
    `${result.throttled} ops were throttled for longer than there is time, so the batch has to come again`,
    { retryable: true, details: countsOf(result) },
  );
