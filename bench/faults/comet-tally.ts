import type { Op } from '../../lib/domain/op.ts';
import { coordinatesOf } from '../../lib/domain/push-message.ts';
import { nowMs } from './clock.ts';

/** What one comet has seen since the last report. */
export interface CometReport {
  readonly id: string;
  /** When each op was due, by the clock of all processes. */
  readonly dueAt: readonly number[];
  /** From then to its first delivery, ms. */
  readonly latencyMs: readonly number[];
  readonly repeats: number;
  /** Ops that came for the first time after a later one of their partition. */
  readonly inversions: number;
  /** When the first op came since the comet was started. */
  readonly firstAt: number | undefined;
}

export interface CometTally {
  /** Its body begins with when it was due. */
  add(op: Op): void;
  started(): void;
  /** What has come so far; with `forget`, the next one begins here. */
  report(forget: boolean): CometReport;
  count(): number;
}

export const createCometTally = (id: string): CometTally => {
  const seen = new Set<string>();
  const lastByPartition = new Map<number, number>();
  let dueAt: number[] = [];
  let latencyMs: number[] = [];
  let repeats = 0;
  let inversions = 0;
  let firstAt: number | undefined;
  return {
    add: (op) => {
      const now = nowMs();
      firstAt ??= now;
      if (seen.has(op.id)) {
        repeats += 1;
        return;
      }
      seen.add(op.id);
      const { partition, offset } = coordinatesOf(op.id);
      const last = lastByPartition.get(partition) ?? -1;
      if (offset < last) inversions += 1;
      lastByPartition.set(partition, Math.max(offset, last));
      const due = Number(Buffer.from(op.body, 'base64').toString());
      dueAt.push(due);
      latencyMs.push(now - due);
    },
    started: () => {
      firstAt = undefined;
    },
    report: (forget) => {
      const report = { id, dueAt, latencyMs, repeats, inversions, firstAt };
      if (forget) {
        dueAt = [];
        latencyMs = [];
        repeats = 0;
        inversions = 0;
        seen.clear();
      }
      return report;
    },
    count: () => dueAt.length,
  };
};
