import type { Target } from '../../lib/domain/push-message.ts';

/** What a record is there for, beside being delivered. */
export type Nature =
  | 'plain'
  /** Cannot be decoded. */
  | 'poison'
  /** The comet refuses it. */
  | 'too-large'
  /** The comet fails on it, and on every batch that has it. */
  | 'failing'
  /** For a comet that is never in the fleet. */
  | 'ghost'
  /** Parked by hand, or dispatched once more. */
  | 'replay';

/** A record that was produced; times are of `performance.now()`. */
export interface Expected {
  /** In its body. */
  readonly n: number;
  readonly nature: Nature;
  readonly target: Target;
  readonly partition: number;
  readonly offset: number;
  readonly producedAt: number;
  /** When its batch was answered; undefined: not yet. */
  committedAt: number | undefined;
}

/** The lanes of a record, by index: of a push one a key. Order is promised within each, in a partition. */
export const lanesOf = ({ target }: Expected): readonly string[] => {
  switch (target.type) {
    case 'push':
      return target.keys.map((key) => `key ${key}`);
    case 'room':
      return [`room ${target.room}`];
    case 'all':
      return ['all'];
  }
};

/** Order is promised neither for what was given up nor for what was replayed. */
export const hasOrder = ({ nature }: Expected): boolean => nature !== 'replay';

/** Since the process began. */
export const secondsOf = (at: number | undefined): string =>
  at === undefined ? '…' : (at / 1000).toFixed(1);

export const describe = (record: Expected): string =>
  `record ${record.n} (${record.nature} ${record.target.type}, partition ${record.partition}, offset ${record.offset}, ${secondsOf(record.producedAt)} to ${secondsOf(record.committedAt)} s)`;
