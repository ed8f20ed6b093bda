import { isOp } from '../../lib/domain/delivery-payload.ts';
import type { Op } from '../../lib/domain/op.ts';
import { type Coordinates, type OriginalRecord, opId } from '../../lib/domain/push-message.ts';
import type { WholeLetter } from '../../lib/store/dead-letters.ts';

/** A record as Lambda's event source gives it. */
export interface EventRecord extends Coordinates, OriginalRecord {
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME';
}

/** What a letter holds, ready to go again. */
export type LetterContent =
  | { readonly kind: 'op'; readonly comet: string; readonly op: Op }
  | { readonly kind: 'record'; readonly record: EventRecord };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the event source left out stays out; null is null. */
const recordOf = (letter: WholeLetter, original: Record<string, unknown>): EventRecord => {
  const { topic, partition, offset, timestamp } = letter;
  const given = (['key', 'value', 'headers'] as const).filter((name) => Object.hasOwn(original, name));
  return {
    topic,
    partition,
    offset,
    timestamp,
    timestampType: 'CREATE_TIME',
    ...Object.fromEntries(given.map((name) => [name, original[name]])),
  };
};

/** Or why it cannot go, without a word of the original. */
export const contentOf = (letter: WholeLetter): LetterContent | { readonly problem: string } => {
  const original = parse(letter.original);
  if (original === undefined) return { problem: 'its original is not JSON' };
  switch (letter.kind) {
    case 'op':
      if (!isOp(original)) return { problem: 'its original is not an op' };
      if (original.id !== opId(letter)) return { problem: 'its original is of another record' };
      return { kind: 'op', comet: letter.comet ?? '', op: original };
    case 'record':
      if (!isObject(original)) return { problem: 'its original is not a record' };
      return { kind: 'record', record: recordOf(letter, original) };
  }
};
