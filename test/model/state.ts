import { bitOf, type Call, type Mark, pidOf, type Run } from './calls.ts';
import type { Place } from './process.ts';

export interface Partition {
  /** Ops below it are not sent again by the event source. */
  readonly committed: number;
  /** Ops that the comet has, a bit each. */
  readonly delivered: number;
  readonly mark: Mark | undefined;
  /** In key order. */
  readonly runs: readonly Run[];
  /** Before the last write of each table, for who reads without consistency. */
  readonly before: { readonly mark: Mark | undefined; readonly runs: readonly Run[] } | undefined;
}

/** One invocation. A zombie's batch has come again, or will; it may yet go on, or never. */
export interface Process {
  readonly kind: 'dispatch' | 'replay' | 'redeliver';
  readonly isZombie: boolean;
  readonly partition: number;
  /** Of a dispatch: the offset after its batch. */
  readonly end: number;
  /** Which random names are its own; -1: it gives none. */
  readonly pid: number;
  readonly place: Place;
  /** Effects of pending calls that have landed, a bit each. */
  readonly landed: ReadonlyMap<number, number>;
}

/** A write whose sender has given it up: what has not landed may yet land. */
export interface Floating {
  readonly call: Call;
  readonly landed: number;
}

export interface State {
  readonly partitions: readonly Partition[];
  readonly isUp: boolean;
  readonly flips: number;
  readonly faults: number;
  readonly isReplayed: boolean;
  readonly processes: readonly Process[];
  readonly floating: readonly Floating[];
  /** What is wrong, if something is. */
  readonly violation?: string;
}

export const callPids = (call: Call): number => {
  switch (call.kind) {
    case 'raise':
    case 'removeMark':
      return bitOf(pidOf(call.mark.token));
    case 'put':
    case 'removeRuns':
      return call.runs.reduce((bits, { key }) => bits | bitOf(pidOf(key)), 0);
    case 'rewrite':
      return bitOf(pidOf(call.run.key));
    case 'readMarks':
    case 'readMark':
    case 'readRuns':
    case 'deliver':
    case 'sleep':
      return 0;
  }
};

export const tablePids = (mark: Mark | undefined, runs: readonly Run[]): number =>
  runs.reduce((bits, { key }) => bits | bitOf(pidOf(key)), mark ? bitOf(pidOf(mark.token)) : 0);

/** The smallest number that nobody and nothing remembers: its random names are new ones. */
export const freePid = ({ partitions, processes, floating }: State): number => {
  let used = 0;
  for (const { mark, runs, before } of partitions) {
    used |= tablePids(mark, runs) | (before ? tablePids(before.mark, before.runs) : 0);
  }
  for (const { pid, place } of processes) used |= bitOf(pid) | place.known;
  for (const { call } of floating) used |= callPids(call);
  for (let pid = 0; pid < 30; pid++) if ((used & (1 << pid)) === 0) return pid;
  throw new RangeError('too many parking processes are remembered');
};
