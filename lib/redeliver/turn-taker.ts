import type { Deliverer } from '../deliver/deliver.ts';
import { DELIVERY_MS, PROBE_SILENT_MS, PROBE_WHOLE_EVERY } from '../domain/limits.ts';
import { undelivered } from '../domain/outcome.ts';
import { createSuspects } from '../domain/suspects.ts';
import type { Waiting } from '../domain/waiting.ts';
import { ServiceError } from '../errors.ts';
import { isLeaseLost } from '../lease.ts';
import { type BuryDeps, createBury } from '../parking/bury.ts';
import type { Report } from './report.ts';
import { createRest } from './rest.ts';
import type { Shift, ShiftDeps } from './shift.ts';
import { createTurns, type TurnEnd, type TurnStores } from './turn.ts';

export interface TurnTakerDeps extends BuryDeps, Pick<ShiftDeps, 'clock' | 'log'>, TurnStores {
  readonly deliverer: Deliverer;
  readonly messageTtlS: number;
}

export interface TurnTakerWork {
  readonly waiting: Waiting;
  readonly shift: Shift;
  readonly report: Report;
}

/** What takes a turn on a partition; a store that fails is waited for as a comet that fails is. */
export const createTurnTaker = (
  deps: TurnTakerDeps,
  comet: string,
  { waiting, shift, report }: TurnTakerWork,
): ((partition: string) => Promise<TurnEnd>) => {
  const keep = async (): Promise<void> => waiting.add(await shift.keep());
  const rest = createRest(deps.clock);
  let hurried = 0;
  const deliveryMs = (): number => {
    if (!shift.isSilent()) return DELIVERY_MS;
    hurried += 1;
    return hurried % PROBE_WHOLE_EVERY === 0 ? DELIVERY_MS : PROBE_SILENT_MS;
  };
  const turns = createTurns({
    ...deps,
    bury: createBury(deps),
    suspects: createSuspects(),
    rule: () => ({ messageTtlS: deps.messageTtlS, goneSince: shift.place().goneSince }),
    heed: rest.heed,
    deliver: async (ops) => {
      await keep();
      const { comet: live } = shift.place();
      if (live === undefined || !shift.mayCall()) return undefined;
      if (!rest.isOver()) return ops.map(() => undelivered('COMET_BUSY'));
      const outcomes = await deps.deliverer.deliver(live, ops, deliveryMs());
      rest.answered(outcomes);
      report.tried(outcomes);
      return outcomes;
    },
  });
  const turn = async (partition: string): Promise<TurnEnd> => {
    await keep();
    const end = await turns.take(comet, partition);
    report.storesAnswer();
    // Before a pause, which is as long as a successor should wait.
    if (end === 'failing') await keep();
    return end === 'waiting' && shift.isAsked() ? 'more' : end;
  };
  return async (partition: string): Promise<TurnEnd> => {
    try {
      return await turn(partition);
    } catch (error) {
      if (!(error instanceof ServiceError) || isLeaseLost(error)) throw error;
      report.storeFails(error.code, partition);
      return error.retryable ? 'failing' : 'waiting';
    }
  };
};
