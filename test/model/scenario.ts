/** A protection taken out. */
export type Broken =
  | 'raise-before-put'
  | 'unconditional-delete'
  | 'no-token'
  | 'token-repeated'
  | 'stale-marks'
  | 'stale-mark'
  | 'stale-runs'
  | 'one-run-name'
  | 'past-the-mark';

/** One comet, and how much may happen to it. */
export interface Scenario {
  readonly name: string;
  /** A partition's ops, each by its lane: `aab` is three ops, the last with a key of its own. At most ten. */
  readonly lanes: readonly string[];
  /** Ops of one batch, at most: each time it comes it is cut anew. */
  readonly maxBatch: number;
  /** Ops of one parked run, at most. */
  readonly maxRun: number;
  readonly redeliverers: number;
  /** A redeliverer ends after its turn, so that its history is short; the next turn is another one's. */
  readonly oneTurn: boolean;
  /** How often one of them waits and probes before Lambda stops it. */
  readonly sleeps: number;
  /** How often the comet goes down or comes up. */
  readonly flips: number;
  /** Crashes, and answers that are lost. */
  readonly faults: number;
  /** Op 0 of partition 0 is a dead letter that is replayed: parked again, or through `dispatch` if it was malformed. */
  readonly replay: 'none' | 'park' | 'dispatch';
  /** The comet may answer an error. */
  readonly errors: boolean;
  readonly broken?: Broken;
}

const BASE: Omit<Scenario, 'name'> = {
  lanes: ['aaa'],
  maxBatch: 3,
  maxRun: 3,
  redeliverers: 2,
  oneTurn: true,
  sleeps: 0,
  flips: 1,
  faults: 1,
  replay: 'none',
  errors: false,
};

const PROBES = { lanes: ['aba'], errors: true, sleeps: 1, redeliverers: 1, oneTurn: false };
const REPLAY_OP: Scenario = { ...BASE, name: 'replay of an op', replay: 'park', redeliverers: 1 };
const REPLAY_RECORD: Scenario = { ...BASE, name: 'replay of a record', replay: 'dispatch', flips: 0 };

/** Small enough to be explored whole in seconds. */
export const SMALL: readonly Scenario[] = [
  { ...BASE, name: 'one partition, 1 flip' },
  { ...BASE, name: 'a run an op, no flip', maxRun: 1, flips: 0 },
  { ...BASE, name: 'two partitions of an op', lanes: ['a', 'a'], redeliverers: 1 },
  REPLAY_RECORD,
  { ...BASE, name: 'two lanes, errors, a probe, no flip', ...PROBES, flips: 0 },
];

/** Explored whole in about a minute. */
export const WHOLE: readonly Scenario[] = [
  { ...BASE, name: 'one partition', flips: 2 },
  { ...BASE, name: 'a run an op', maxRun: 1 },
  { ...BASE, name: 'two partitions of an op, two redeliverers', lanes: ['a', 'a'] },
  { ...BASE, name: 'two partitions', lanes: ['aa', 'a'], redeliverers: 1 },
  REPLAY_OP,
  REPLAY_RECORD,
  { ...BASE, name: 'two lanes, errors, a probe', ...PROBES },
  // The token does for this one: an old mark cannot delete the new one.
  { ...BASE, name: 'the mark read without consistency by redeliver', broken: 'stale-mark' },
];

/** Too large for that. Of errors there are too few for an op to be refused: then it would be given up. */
export const LARGE: readonly Scenario[] = [
  {
    ...BASE,
    name: 'long queues',
    lanes: ['aaaaaa', 'aaaa'],
    maxRun: 2,
    oneTurn: false,
    sleeps: 1,
    flips: 6,
    faults: 4,
    replay: 'park',
  },
  {
    ...BASE,
    name: 'many lanes',
    lanes: ['abacab', 'aab'],
    maxRun: 2,
    oneTurn: false,
    sleeps: 1,
    flips: 5,
    faults: 2,
    replay: 'dispatch',
    errors: true,
  },
];

/** A scenario for each protection, in which its lack is found soon. */
export const BROKEN: readonly (Scenario & { readonly broken: Broken })[] = [
  { ...BASE, name: 'raised before the put', broken: 'raise-before-put' },
  { ...BASE, name: 'mark deleted without its condition', broken: 'unconditional-delete' },
  { ...BASE, name: 'no token: the delete looks at the offset', replay: 'park', broken: 'no-token' },
  { ...REPLAY_RECORD, name: 'no token, a record is replayed', broken: 'no-token' },
  { ...REPLAY_OP, name: 'a repeated request has its token again', broken: 'token-repeated' },
  { ...BASE, name: 'marks read without consistency by dispatch', broken: 'stale-marks' },
  { ...BASE, name: 'runs read without consistency', broken: 'stale-runs' },
  { ...BASE, name: 'a run overwritten', broken: 'one-run-name' },
  { ...BASE, name: 'runs above the mark delivered, too', maxRun: 1, broken: 'past-the-mark' },
];
