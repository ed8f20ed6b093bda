import type { Clock } from '../clock.ts';
import { type GiveUpRule, giveUpReason } from '../domain/give-up.ts';
import type { Mark } from '../domain/mark.ts';
import type { Op } from '../domain/op.ts';
import type { Outcome } from '../domain/outcome.ts';
import { firstOffsetOf, offsetOf, type ParkedRun } from '../domain/parked-run.ts';
import type { Log } from '../log.ts';
import { createRedelivery, type RedeliveryDeps } from './ops.ts';
import { type SettleDeps, settleRuns } from './settle.ts';

interface Page {
  readonly runs: readonly ParkedRun[];
  /** There are no more. */
  readonly complete: boolean;
}

/** All reads are consistent. Rejects with the stores' `ServiceError`s. */
export interface TurnStores {
  readonly behind: {
    readMark(partition: string, comet: string): Promise<Mark | undefined>;
    /** False if the mark was raised since it was read. */
    remove(mark: Mark): Promise<boolean>;
  };
  readonly parked: {
    /** From the queue's beginning, in the order of their first offsets. */
    read(comet: string, partition: string): Promise<Page>;
  } & SettleDeps['parked'];
}

export interface TurnDeps extends TurnStores, RedeliveryDeps, Pick<SettleDeps, 'bury'> {
  readonly rule: () => GiveUpRule;
  /** Told until when the comet wants to be left alone, ms since 1970. */
  readonly heed: (retryAt: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** `failing`: the comet takes nothing now. `waiting`: nobody is there to take what is left. */
export type TurnEnd = 'caught-up' | 'more' | 'failing' | 'waiting';

export interface Turns {
  /** One turn on one partition. Rejects with the stores' errors. */
  take(comet: string, partition: string): Promise<TurnEnd>;
}

/** A parked op that may go now. */
interface Due {
  readonly op: Op;
  readonly run: ParkedRun;
}

/** Only up to the mark: a run above it is of a batch that died before it was marked, and comes again, with what is between. */
const dueOf = (runs: readonly ParkedRun[], { parkedThrough }: Mark): Due[] =>
  runs.flatMap((run) => run.ops.filter((op) => offsetOf(op) <= parkedThrough).map((op) => ({ op, run })));

const giveUp = (due: readonly Due[], now: number, rule: GiveUpRule): Map<Op, Outcome> => {
  const outcomes = new Map<Op, Outcome>();
  for (const { op, run } of due) {
    const reason = giveUpReason(op, run, now, rule);
    if (reason !== undefined) outcomes.set(op, { status: 'dropped', reason });
  }
  return outcomes;
};

/** Whether no op up to the mark is left behind a page that was dealt with. */
const isExhausted = ({ runs, complete }: Page, { parkedThrough }: Mark): boolean => {
  const last = runs.at(-1);
  return complete || last === undefined || firstOffsetOf(last) > parkedThrough;
};

export const createTurns = (deps: TurnDeps): Turns => {
  const { behind, parked, log, clock } = deps;
  const redeliver = createRedelivery(deps);
  return {
    take: async (comet, partition) => {
      // In this order: what is put after the read raises the mark, and the delete does not find its token any more.
      const mark = await behind.readMark(partition, comet);
      if (mark === undefined) return 'caught-up';
      deps.heed(mark.retryAt ?? 0);
      const page = await parked.read(comet, partition);
      const now = clock.now();
      log.metric('ParkedAgeMs', now - page.runs.reduce((min, { parkedAt }) => Math.min(min, parkedAt), now));
      const due = dueOf(page.runs, mark);
      const outcomes = giveUp(due, now, deps.rule());
      const left = due.filter(({ op }) => !outcomes.has(op)).map(({ op }) => op);
      const end = await redeliver(partition, left, outcomes);
      await settleRuns(deps, comet, page.runs, outcomes);
      if (end !== 'more' || !isExhausted(page, mark)) return end;
      return (await behind.remove(mark)) ? 'caught-up' : 'more';
    },
  };
};
