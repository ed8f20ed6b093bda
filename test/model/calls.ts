/** A parked run as the model's table holds it. */
export interface Run {
  /** `<first offset, 20 digits>#<random>`. */
  readonly key: string;
  readonly partition: number;
  readonly offsets: readonly number[];
  readonly replayed: boolean;
}

export interface Mark {
  readonly partition: number;
  readonly through: number;
  readonly token: string;
}

/** Of a random name, alone or in a run's key. */
export const pidOf = (name: string): number => {
  const pid = Number(name.slice(name.indexOf('#') + 1, name.lastIndexOf('.')));
  return Number.isNaN(pid) ? -1 : pid;
};

export const bitOf = (pid: number): number => (pid < 0 ? 0 : 1 << pid);

/** What a process asks of the world: each is a point where another process may go first. */
export type Call =
  | { readonly kind: 'readMarks'; readonly partition: number }
  | { readonly kind: 'readMark'; readonly partition: number }
  | { readonly kind: 'readRuns'; readonly partition: number }
  | { readonly kind: 'deliver'; readonly partition: number; readonly offsets: readonly number[] }
  | { readonly kind: 'put'; readonly runs: readonly Run[] }
  /** Late, it is one of the two updates that a raise is made of: of a mark that is not higher, or of the token alone. */
  | { readonly kind: 'raise'; readonly mark: Mark; readonly late?: 'offset' | 'token' }
  | { readonly kind: 'removeMark'; readonly mark: Mark }
  | { readonly kind: 'removeRuns'; readonly runs: readonly Run[] }
  | { readonly kind: 'rewrite'; readonly run: Run }
  | { readonly kind: 'sleep' };

/** What became of an op at the comet, as the caller learns it. */
export type Said = 'delivered' | 'unreachable' | 'timeout' | 'status' | 'skipped';

/** Data only, so that two equal histories are one. */
export type Answer =
  | { readonly kind: 'none' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'marks'; readonly marks: readonly Mark[] }
  | { readonly kind: 'runs'; readonly runs: readonly Run[] }
  | { readonly kind: 'said'; readonly said: readonly Said[] }
  | { readonly kind: 'held'; readonly held: boolean };

export const NONE: Answer = { kind: 'none' };
export const UNANSWERED: Answer = { kind: 'unanswered' };

/** How many effects a call has that land one by one. */
export const partsOf = (call: Call): number => {
  switch (call.kind) {
    case 'deliver':
      return call.offsets.length;
    case 'put':
    case 'removeRuns':
      return call.runs.length;
    case 'readMarks':
    case 'readMark':
    case 'readRuns':
    case 'raise':
    case 'removeMark':
    case 'rewrite':
    case 'sleep':
      return 1;
  }
};

const runText = ({ key, offsets }: Run): string => `[${offsets.join(' ')}]${key.slice(20)}`;

/** For a person; `part` is the effect that lands. */
export const callText = (call: Call, part = 0): string => {
  switch (call.kind) {
    case 'readMarks':
    case 'readMark':
      return `reads the mark of ${call.partition}`;
    case 'readRuns':
      return `reads the parked runs of ${call.partition}`;
    case 'deliver':
      return `delivers ${call.offsets[part]} of [${call.offsets.join(' ')}]`;
    case 'put':
      return `puts the run ${runText(call.runs[part] as Run)}`;
    case 'raise':
      return `raises the mark to ${call.mark.through} with token ${call.mark.token}`;
    case 'removeMark':
      return `deletes the mark read as ${call.mark.through} with token ${call.mark.token}`;
    case 'removeRuns':
      return `deletes the run ${runText(call.runs[part] as Run)}`;
    case 'rewrite':
      return `rewrites a run as ${runText(call.run)}`;
    case 'sleep':
      return 'waits before it probes the comet';
  }
};
