import { randomUUID } from 'node:crypto';
import type { EncodedOp } from '../domain/batch.ts';
import { MAX_RETRY_AFTER_MS } from '../domain/limits.ts';
import type { Mark } from '../domain/mark.ts';
import type { Op } from '../domain/op.ts';
import { cutRuns, offsetOf, type ParkedRun } from '../domain/parked-run.ts';
import { coordinatesOf, partitionName } from '../domain/push-message.ts';
import type { Wake } from '../domain/wake.ts';
import { ServiceError } from '../errors.ts';
import type { Log } from '../log.ts';

export interface ParkDeps {
  /** Answers those that are too large. Rejects with the store's errors unless all others are stored. */
  readonly parked: { put(runs: readonly ParkedRun[]): Promise<readonly ParkedRun[]> };
  /** True if nobody may have been woken for the mark. Rejects with the store's errors. */
  readonly behind: { raise(mark: Mark, isInFleet: boolean): Promise<boolean> };
  /** Rejects if nobody could be told; then the sweep finds the mark. */
  readonly wake: (wake: Wake) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
  readonly random?: () => string;
}

export interface ParkOptions {
  /** Nobody can be brought up to date with a comet that is not there: it is left to the sweep. */
  readonly inFleet: boolean;
  /** By hand, from dead letters. */
  readonly replayed: boolean;
  /** How long the comet wants to be left alone. */
  readonly retryAfterMs?: number;
}

/**
 * Ops of one comet, each partition's in log order. Answers those that are too large to be parked. Rejects with the stores' errors unless
 * all others are parked and marked.
 */
export type Park = (comet: string, ops: readonly EncodedOp[], options: ParkOptions) => Promise<readonly Op[]>;

/** Puts the runs, then raises the marks, then wakes `redeliver`: a mark without its runs would be deleted as done. */
export const createPark = ({ parked, behind, wake, now, log, random = randomUUID }: ParkDeps): Park => {
  const tell = async (comet: string, partitions: readonly string[]): Promise<void> => {
    try {
      await wake({ comet, partitions });
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : 'UNEXPECTED';
      log.warn('redeliver could not be woken, so the sweep does it', { comet, code });
    }
  };

  return async (comet, ops, { inFleet, replayed, retryAfterMs = 0 }) => {
    const opsByPartition = Map.groupBy(ops, ({ op }) => partitionName(coordinatesOf(op.id)));
    const parkedAt = now();
    const runs = [...opsByPartition].flatMap(([partition, own]) =>
      cutRuns(own, { comet, partition, parkedAt, replayed }, random),
    );
    const tooLarge = new Set(await parked.put(runs));
    const stored = Map.groupBy(
      runs.filter((run) => !tooLarge.has(run)),
      ({ partition }) => partition,
    );
    const raised = [...stored].map(async ([partition, own]) => {
      const parkedThrough = own.flatMap((run) => run.ops.map(offsetOf)).reduce((a, b) => Math.max(a, b), 0);
      const rest = retryAfterMs > 0 ? { retryAt: parkedAt + Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) } : {};
      const mark = { comet, partition, parkedThrough, token: random(), ...rest };
      const isNew = await behind.raise(mark, inFleet);
      return isNew ? [partition] : [];
    });
    const partitions = (await Promise.all(raised)).flat();
    const left = [...tooLarge].flatMap((run) => run.ops);
    log.metric('Parked', ops.length - left.length);
    if (partitions.length === 0) return left;
    if (inFleet) await tell(comet, partitions);
    else log.warn('a comet is not in the fleet: its ops wait for it', { comet, partitions });
    return left;
  };
};
