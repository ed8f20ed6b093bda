import type { DeadLetter } from '../domain/dead-letter.ts';
import { DEAD_LETTER_KEPT_S, MAX_PART_BYTES } from '../domain/limits.ts';
import type { Coordinates } from '../domain/push-message.ts';
import type { ItemWrite } from './batch-write.ts';
import type { Item } from './dynamodb.ts';

/** A letter as it stands in the table, without its original. Times in ms, `expiresAt` in seconds. */
export interface StoredLetter extends Coordinates {
  readonly id: string;
  readonly kind: DeadLetter['kind'];
  /** A later deploy may know others. */
  readonly reason: string;
  readonly timestamp: number;
  /** Another one each time that the same record or op is given up. */
  readonly diedAt: number;
  readonly expiresAt: number;
  /** There if it is an op's. */
  readonly comet?: string;
  readonly detail?: string;
  /** Of the original; of an older deploy's letters nobody knows. */
  readonly bytes?: number;
  /** Items beside the letter's own that hold the original; 0 if it holds it itself. */
  readonly parts: number;
}

/** An item that is not a letter, or not any more. */
export interface BrokenLetter {
  readonly id: string;
  readonly problem: string;
}

/** An event has 6 MB at most, which no escaping makes this many parts. */
const MAX_PARTS = 200;
const PART_ID = /#part-\d+$/;

const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });

export const partId = (id: string, part: number): string => `${id}#part-${part}`;

const partsOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / MAX_PART_BYTES) }, (_, index) =>
    bytes.subarray(index * MAX_PART_BYTES, (index + 1) * MAX_PART_BYTES),
  );

const toWrite = (item: Item & { readonly id: { readonly S: string } }): ItemWrite => ({
  key: { id: item.id },
  item,
});

/** The letter itself, and the parts of an original that is too large for one item: `<id>#part-1`, `-2`, … */
export const writesOf = (
  letter: DeadLetter,
  now: number,
): { readonly letter: ItemWrite; readonly parts: ItemWrite[] } => {
  const { id, kind, reason, topic, partition, offset, timestamp, comet, detail } = letter;
  const original = Buffer.from(letter.original);
  const parts = partsOf(original);
  const times = { diedAt: N(now), expiresAt: N(Math.floor(now / 1000) + DEAD_LETTER_KEPT_S) };
  const inParts = parts.length > 1;
  const item = {
    id: S(id),
    kind: S(kind),
    reason: S(reason),
    topic: S(topic),
    partition: N(partition),
    offset: N(offset),
    timestamp: N(timestamp),
    ...(comet === undefined ? {} : { comet: S(comet) }),
    ...(detail === undefined ? {} : { detail: S(detail) }),
    bytes: N(original.length),
    ...(inParts ? { parts: N(parts.length) } : { original: { B: original } }),
    ...times,
  };
  const partWrites = parts.map((part, index) =>
    toWrite({ id: S(partId(id, index + 1)), original: { B: part }, ...times }),
  );
  return { letter: toWrite(item), parts: inParts ? partWrites : [] };
};

/** What `letterOf` reads: all but the original. */
export const LETTER_ATTRIBUTES = [
  'id',
  'kind',
  'reason',
  'topic',
  'partition',
  'offset',
  'timestamp',
  'diedAt',
  'expiresAt',
  'comet',
  'detail',
  'bytes',
  'parts',
] as const;

const NUMBERS = ['partition', 'offset', 'timestamp', 'diedAt', 'expiresAt'] as const;
const COUNTS = ['bytes', 'parts'] as const;

const isNumber = (item: Item, name: string): boolean => {
  const number = Number(item[name]?.N ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= 0;
};

const problemOf = (item: Item): string | undefined => {
  const kind = item['kind']?.S;
  if (kind !== 'op' && kind !== 'record') return 'its kind is unknown';
  const texts = kind === 'op' ? ['reason', 'topic', 'comet'] : ['reason', 'topic'];
  const wrong =
    texts.find((name) => !item[name]?.S) ??
    NUMBERS.find((name) => !isNumber(item, name)) ??
    COUNTS.find((name) => item[name] !== undefined && !isNumber(item, name));
  if (wrong !== undefined) return `its ${wrong} is missing or wrong`;
  return Number(item['parts']?.N ?? 0) > MAX_PARTS ? 'it has more parts than an event can fill' : undefined;
};

/** Undefined: the item is a part of a letter. */
export const letterOf = (item: Item): StoredLetter | BrokenLetter | undefined => {
  const id = item['id']?.S ?? '';
  if (item['kind'] === undefined && PART_ID.test(id)) return undefined;
  const problem = problemOf(item);
  if (problem !== undefined) return { id, problem };
  const text = (name: string): string => item[name]?.S ?? '';
  const number = (name: string): number => Number(item[name]?.N ?? 0);
  return {
    id,
    kind: item['kind']?.S as StoredLetter['kind'],
    reason: text('reason'),
    topic: text('topic'),
    partition: number('partition'),
    offset: number('offset'),
    timestamp: number('timestamp'),
    diedAt: number('diedAt'),
    expiresAt: number('expiresAt'),
    ...(item['comet'] === undefined ? {} : { comet: text('comet') }),
    ...(item['detail'] === undefined ? {} : { detail: text('detail') }),
    ...(item['bytes'] === undefined ? {} : { bytes: number('bytes') }),
    parts: number('parts'),
  };
};
