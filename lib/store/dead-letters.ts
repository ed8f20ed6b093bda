import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DeadLetter } from '../domain/dead-letter.ts';
import { DEAD_LETTER_KEPT_S, MAX_PART_BYTES, STORE_WRITES_MS } from '../domain/limits.ts';
import { batchWrite, type ItemWrite } from './batch-write.ts';
import type { Item } from './dynamodb.ts';

export interface DeadLettersTable {
  /** Rejects with the stores' errors unless every letter is stored whole. */
  write(letters: readonly DeadLetter[]): Promise<void>;
}

const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });

const partsOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / MAX_PART_BYTES) }, (_, index) =>
    bytes.subarray(index * MAX_PART_BYTES, (index + 1) * MAX_PART_BYTES),
  );

const toWrite = (item: Item & { readonly id: { readonly S: string } }): ItemWrite => ({
  key: { id: item.id },
  item,
});

/** The letter itself, and the parts of an original that is too large for one item: `<id>#part-1`, `-2`, … */
const writesOf = (
  letter: DeadLetter,
  now: number,
): { readonly letter: ItemWrite; readonly parts: ItemWrite[] } => {
  const { id, kind, reason, topic, partition, offset, timestamp, comet, detail } = letter;
  const original = Buffer.from(letter.original);
  const parts = partsOf(original);
  const expiresAt = N(Math.floor(now / 1000) + DEAD_LETTER_KEPT_S);
  const inParts = parts.length > 1;
  const item = {
    id: S(id),
    kind: S(kind),
    reason: S(reason),
    topic: S(topic),
    partition: N(partition),
    offset: N(offset),
    timestamp: N(timestamp),
    diedAt: N(now),
    ...(comet === undefined ? {} : { comet: S(comet) }),
    ...(detail === undefined ? {} : { detail: S(detail) }),
    ...(inParts ? { parts: N(parts.length) } : { original: { B: original } }),
    expiresAt,
  };
  const partWrites = parts.map((part, index) =>
    toWrite({ id: S(`${id}#part-${index + 1}`), original: { B: part }, expiresAt }),
  );
  return { letter: toWrite(item), parts: inParts ? partWrites : [] };
};

/** The `DeadLetters` table: an item a letter, its original as UTF-8 JSON. */
export const createDeadLettersTable = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): DeadLettersTable => {
  const writeAll = async (writes: readonly ItemWrite[]): Promise<void> => {
    if (writes.length === 0) return;
    const { failure } = await batchWrite(client, table, writes, { startWithinMs: STORE_WRITES_MS });
    if (failure !== undefined) throw failure;
  };
  return {
    write: async (letters) => {
      const byId = new Map(letters.map((letter) => [letter.id, letter]));
      const writes = [...byId.values()].map((letter) => writesOf(letter, now()));
      // A letter that is there is whole: its parts are written first.
      await writeAll(writes.flatMap(({ parts }) => parts));
      await writeAll(writes.map(({ letter }) => letter));
    },
  };
};
