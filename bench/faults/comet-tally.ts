import type { Op } from '../../lib/domain/op.ts';
import { nowMs } from './clock.ts';

/** What one comet has seen since the last report. */
export interface CometReport {
  readonly id: string;
  /** When each op was due, by the clock of all processes. */
  readonly dueAt: readonly number[];
  /** From then to its first delivery, ms. */
  readonly latencyMs: readonly number[];
  readonly repeats: number;
  /** Ops that came for the first time after a later one of their key. */
  readonly inversions: number;
  /** When the first op came since the comet was started. */
  readonly firstAt: number | undefined;
}

export interface CometTally {
  /** Its body says when it was due, its key and its offset; a gRPC comet is told no id. */
  add(op: Op): void;
  started(): void;
  /** What has come so far; with `forget`, the next one begins here. */
  report(forget: boolean): CometReport;
  count(): number;
}

export const createCometTally = (id: string): CometTally => {
  const seen = new Set<string>();
  const lastByKey = new Map<string, number>();
  let dueAt: number[] = [];
  let latencyMs: number[] = [];
  let repeats = 0;
  let inversions = 0;
  let firstAt: number | undefined;
  return {
    add: (op) => {
      const now = nowMs();
      firstAt ??= now;
      const body = Buffer.from(op.body, 'base64').toString();
      if (seen.has(body)) {
        repeats += 1;
        return;
      }
      seen.add(body);
      const [due, key = '', offset] = body.trimEnd().split(' ');
      const last = lastByKey.get(key) ?? -1;
      if (Number(offset) < last) inversions += 1;
      lastByKey.set(key, Math.max(Number(offset), last));
      dueAt.push(Number(due));
      latencyMs.push(now - Number(due));
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
