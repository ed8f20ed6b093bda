import type { Comet } from './fleet.ts';
import type { Dropped, DropReason } from './outcome.ts';
import {
  type Coordinates,
  type MalformedReason,
  type MalformedRecord,
  opId,
  type PushMessage,
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
  /** JSON: of a record its key, value and headers as they came; of an op its push message. */
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

const opLetter = (message: PushMessage, comet: Comet['id'], { reason, detail }: Dropped): DeadLetter => {
  const { topic, partition, offset, timestamp, target, operation, body } = message;
  return {
    id: `${opId(message)}#${comet}#${reason}`,
    kind: 'op',
    reason,
    topic,
    partition,
    offset,
    timestamp,
    comet,
    ...(detail === undefined ? {} : { detail }),
    original: JSON.stringify({ target, operation, body }),
  };
};

/** One letter; for slow keys one a key, named by its place in the record: a replay is for that connection alone. */
export const opLetters = (message: PushMessage, comet: Comet['id'], dropped: Dropped): DeadLetter[] => {
  const { target } = message;
  if (dropped.keys === undefined || target.type !== 'push') return [opLetter(message, comet, dropped)];
  return dropped.keys.map((key) => {
    const letter = opLetter({ ...message, target: { ...target, keys: [key] } }, comet, dropped);
    return { ...letter, id: `${letter.id}#${target.keys.indexOf(key)}` };
  });
};

/** Of what is `gone`, only a push is a dead letter: a room's or broadcast's connections closed with their comet. */
export const isDeadLetter = (reason: DropReason, target: PushMessage['target']): boolean =>
  reason !== 'expired' && (reason !== 'gone' || target.type === 'push');
