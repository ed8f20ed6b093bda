import { failureOf, type Outcome } from '../domain/outcome.ts';
import type { ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Place } from './shift.ts';

type End = 'caught-up' | 'behind';

/** What is said of one comet's outage: a line once its ops are tried, and one when that ends. */
export interface Report {
  readonly hasTried: boolean;
  /** What the comet said to some of its ops. */
  tried(outcomes: readonly Outcome[]): void;
  storeFails(code: ErrorCode, partition: string): void;
  storesAnswer(): void;
  /** `caught-up`: nothing is parked for it any more. Answers the same. */
  ended(end: End, place: Place): End;
}

export const createReport = (log: Log, now: () => number, comet: string): Report => {
  const startedAt = now();
  let triedAt = startedAt;
  let hasTried = false;
  let delivered = 0;
  let failure: ErrorCode | undefined;

  const caughtUp = (): void => {
    const fields = { comet, delivered, durationMs: triedAt - startedAt };
    if (delivered > 0) log.info('a comet has caught up', fields);
    else log.warn('nothing is parked for a comet any more, and it took none of it', fields);
  };
  const left = (isInFleet: boolean): void =>
    log.warn(isInFleet ? 'a comet is still behind' : 'a comet has left the fleet with ops parked for it', {
      comet,
      delivered,
      durationMs: now() - startedAt,
    });

  return {
    get hasTried() {
      return hasTried;
    },
    tried: (outcomes) => {
      triedAt = now();
      delivered += outcomes.filter(({ status }) => status === 'delivered').length;
      if (hasTried) return;
      hasTried = true;
      log.warn('a comet is behind', { comet, code: failureOf(outcomes) });
    },
    storeFails: (code, partition) => {
      if (code !== failure) log.warn('a turn of redeliver failed', { comet, partition, code });
      failure = code;
    },
    storesAnswer: () => {
      failure = undefined;
    },
    ended: (end, place) => {
      const isInFleet = place.comet !== undefined;
      if (end === 'behind' && (hasTried || isInFleet)) left(isInFleet);
      if (end === 'caught-up' && hasTried) caughtUp();
      return end;
    },
  };
};
