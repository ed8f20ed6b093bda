import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './statistics.ts';

/** In ms, from when a record was due to be produced to when the comet had it. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What has not come by then is lost. */
const LATE_MS = 30_000;

/** Counts from when each record was due, so that a stall of the sender is not left out. */
export interface Clock {
  due(index: number, at: number): void;
  /** Base64, of a body that begins with the record's number. */
  answered(body: string): void;
  /** Of the records that came after the first `from`, once all have come. Rejects if they do not. */
  latency(from: number): Promise<Latency>;
}

export const createClock = (): Clock => {
  const dueAt = new Map<number, number>();
  const latencies: number[] = [];
  return {
    due: (index, at) => {
      dueAt.set(index, at);
    },
    answered: (body) => {
      const index = Number(Buffer.from(body, 'base64').toString());
      const at = dueAt.get(index);
      if (at === undefined) return;
      dueAt.delete(index);
      latencies.push(performance.now() - at);
    },
    latency: async (from) => {
      for (const endsAt = Date.now() + LATE_MS; dueAt.size > 0 && Date.now() < endsAt; ) await delay(10);
      if (dueAt.size > 0) throw new Error(`${dueAt.size} records have not come`);
      const sorted = latencies.slice(from).sort((a, b) => a - b);
      return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? Number.NaN };
    },
  };
};
