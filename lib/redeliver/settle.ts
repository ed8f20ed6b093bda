import { countDropped } from '../count-dropped.ts';
import { isDeadLetter, opLetters } from '../domain/dead-letter.ts';
import type { Op } from '../domain/op.ts';
import type { DropReason, Outcome } from '../domain/outcome.ts';
import type { ParkedRun } from '../domain/parked-run.ts';
import type { Log } from '../log.ts';
import type { createBury } from '../parking/bury.ts';

export interface SettleDeps {
  /** Rejects with the store's errors. */
  readonly parked: {
    remove(runs: readonly ParkedRun[]): Promise<void>;
    /** A run that is gone stays gone. */
    rewrite(run: ParkedRun): Promise<void>;
  };
  readonly bury: ReturnType<typeof createBury>;
  readonly log: Log;
}

type OutcomeOf = ReadonlyMap<Op, Outcome>;

const lettersOf = (comet: string, outcomes: OutcomeOf) =>
  [...outcomes].flatMap(([op, outcome]) =>
    outcome.status === 'dropped' && isDeadLetter(outcome.reason, op.type)
      ? opLetters(op, comet, outcome)
      : [],
  );

const isSettled = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && outcome.status !== 'undelivered';

const count = (log: Log, outcomes: OutcomeOf): void => {
  const droppedByReason = new Map<DropReason, number>();
  let delivered = 0;
  for (const outcome of outcomes.values()) {
    if (outcome.status === 'delivered') delivered += 1;
    if (outcome.status !== 'dropped') continue;
    droppedByReason.set(outcome.reason, (droppedByReason.get(outcome.reason) ?? 0) + 1);
  }
  if (delivered > 0) log.metric('Redelivered', delivered);
  countDropped(log, droppedByReason);
};

/** Takes what is dealt with out of its runs, dead letters first: a death in between only repeats. Rejects with the stores' errors. */
export const settleRuns = async (
  { bury, parked, log }: SettleDeps,
  comet: string,
  runs: readonly ParkedRun[],
  outcomes: OutcomeOf,
): Promise<void> => {
  await bury(lettersOf(comet, outcomes));
  const rests = runs.map((run) => ({ ...run, ops: run.ops.filter((op) => !isSettled(outcomes.get(op))) }));
  const done = rests.filter(({ ops }) => ops.length === 0);
  const begun = rests.filter(({ ops }, i) => ops.length > 0 && ops.length < (runs[i]?.ops.length ?? 0));
  await Promise.all([parked.remove(done), ...begun.map(parked.rewrite)]);
  count(log, outcomes);
};
