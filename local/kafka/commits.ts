import { setTimeout as delay } from 'node:timers/promises';
import { problemOf } from './client.ts';

export interface CommitsOptions {
  readonly commit: (nextByPartition: ReadonlyMap<number, number>) => Promise<void>;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Commits of one member, one at a time; what comes meanwhile goes together into the next one. */
export interface Commits {
  /** The partition is ours, and so much of it is committed: nothing before that is committed any more. */
  own(partition: number, committed: number): void;
  /** Nothing of the other partitions is committed any more. */
  keepOnly(partitions: ReadonlySet<number>): void;
  add(nextByPartition: ReadonlyMap<number, number>): void;
  /** Resolves once everything is committed, or the signal aborted. */
  settled(): Promise<void>;
}

const AGAIN_MS = 500;

export const createCommits = ({ commit, log, signal }: CommitsOptions): Commits => {
  const committed = new Map<number, number>();
  let waiting = new Map<number, number>();
  let running: Promise<void> | undefined;
  let isFailing = false;
  const raise = (nextByPartition: ReadonlyMap<number, number>) => {
    for (const [partition, next] of nextByPartition) {
      const known = waiting.get(partition) ?? committed.get(partition) ?? Number.POSITIVE_INFINITY;
      if (next > known) waiting.set(partition, next);
    }
  };
  const commitOnce = async (): Promise<void> => {
    const offsets = waiting;
    waiting = new Map();
    try {
      await commit(offsets);
      isFailing = false;
      for (const [partition, next] of offsets) if (committed.has(partition)) committed.set(partition, next);
    } catch (error) {
      raise(offsets);
      if (!isFailing) log(`the commit failed and is tried again: ${problemOf(error)}`);
      isFailing = true;
      await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  };
  const run = async (): Promise<void> => {
    while (waiting.size > 0 && !signal.aborted) await commitOnce();
    running = undefined;
  };
  return {
    own: (partition, offset) => {
      committed.set(partition, Math.max(offset, committed.get(partition) ?? 0));
      if ((waiting.get(partition) ?? Number.POSITIVE_INFINITY) <= offset) waiting.delete(partition);
    },
    keepOnly: (partitions) => {
      for (const known of [committed, waiting]) {
        for (const partition of known.keys()) if (!partitions.has(partition)) known.delete(partition);
      }
    },
    add: (nextByPartition) => {
      raise(nextByPartition);
      if (waiting.size > 0) running ??= run();
    },
    settled: async () => {
      await running;
    },
  };
};
