import type { Comet } from './fleet.ts';
import { keysDigest } from './keys-digest.ts';
import { MAX_SLOW_LETTERS_BYTES } from './limits.ts';
import type { Op } from './op.ts';
import type { Dropped, DropReason } from './outcome.ts';
import {
  type Coordinates,
  coordinatesOf,
  type MalformedReason,
  type MalformedRecord,
  opId,
} from './push-message.ts';

/** A record or op given up, with its reason and all that is needed to replay it. */
export interface DeadLetter extends Coordinates {
  /** The same for the same record or op and reason, so that a batch that comes again adds nothing. */
  readonly id: string;
  readonly kind: 'record' | 'op';
  readonly reason: MalformedReason | DropReason;
  /** The record's, ms since 1970. */
  readonly timestamp: number;
  readonly comet?: string;
  /** What a comet said of it. */
  readonly detail?: string;
  /** JSON: of a record its key, value and headers as they came; of an op the op itself, as the comet was to get it. */
  readonly original: string;
}

export const recordLetter = (record: MalformedRecord): DeadLetter => {
  const { topic, partition, offset, timestamp, malformed, original } = record;
  const id = `${opId(record)}#malformed`;
  return {
    id,
    kind: 'record',
    reason: malformed,
    topic,
    partition,
    offset,
    timestamp,
    original: JSON.stringify(original),
  };
};

/** A push is named by its keys too: ops of one record that were replayed for one key each must not take each other's place. */
const opLetterId = (op: Op, comet: Comet['id'], reason: DropReason): string => {
  const id = `${op.id}#${comet}#${reason}`;
  return op.type === 'push' ? `${id}#${keysDigest(op.keys)}` : id;
};

const opLetter = (op: Op, comet: Comet['id'], { reason, detail }: Dropped): DeadLetter => ({
  id: opLetterId(op, comet, reason),
  kind: 'op',
  reason,
  ...coordinatesOf(op.id),
  timestamp: op.timestamp,
  comet,
  ...(detail === undefined ? {} : { detail }),
  original: JSON.stringify(op),
});

/** One letter; for slow keys one a key, where that is not too much: a replay is for that connection alone. */
export const opLetters = (op: Op, comet: Comet['id'], dropped: Dropped): DeadLetter[] => {
  const { keys } = dropped;
  if (keys === undefined || op.type !== 'push') return [opLetter(op, comet, dropped)];
  if (keys.length * op.body.length > MAX_SLOW_LETTERS_BYTES)
    return [opLetter({ ...op, keys }, comet, dropped)];
  return keys.map((key) => opLetter({ ...op, keys: [key] }, comet, dropped));
};

/** Of what is `gone`, only a push is a dead letter: a room's or broadcast's connections closed with their comet. */
export const isDeadLetter = (reason: DropReason, type: Op['type']): boolean =>
  reason !== 'expired' && (reason !== 'gone' || type === 'push');
