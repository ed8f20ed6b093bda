import { DeleteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { DeadLetter } from '../domain/dead-letter.ts';
import { STORE_WRITES_MS } from '../domain/limits.ts';
import { batchGet } from './batch-get.ts';
import { batchWrite, type ItemWrite } from './batch-write.ts';
import {
  type BrokenLetter,
  LETTER_ATTRIBUTES,
  letterOf,
  partId,
  type StoredLetter,
  writesOf,
} from './dead-letter-item.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';
import { chunksOf, mapInFlight } from './map-in-flight.ts';

/** The `DeadLetters` table, for who gives something up. */
export interface DeadLettersWriter {
  /** Rejects with the stores' errors unless every letter is stored whole. */
  write(letters: readonly DeadLetter[]): Promise<void>;
}

/** `original` is JSON unless the item is broken; see `DeadLetter`. */
export interface WholeLetter extends StoredLetter {
  readonly original: string;
}

/** All reads are consistent. Rejects with the stores' errors. */
export interface DeadLettersTable {
  /** Every letter without its original, a page at a time. */
  scan(): AsyncIterable<(StoredLetter | BrokenLetter)[]>;
  /** Letters with their originals, by id; those that are not there are absent. */
  read(ids: readonly string[]): Promise<Map<string, WholeLetter | BrokenLetter>>;
  /** Deletes the letter and its parts. False if it has died again since it was read: then it stays. */
  remove(letter: StoredLetter): Promise<boolean>;
}

/** Parts of one request: a megabyte, which a slow line takes within `STORE_CALL_MS`. */
const PARTS_A_READ = 4;
const PART_REQUESTS_IN_FLIGHT = 4;

const keyOf = (id: string): Item => ({ id: { S: id } });

const partIds = ({ id, parts }: StoredLetter): string[] =>
  Array.from({ length: parts }, (_, index) => partId(id, index + 1));

const isStored = (letter: StoredLetter | BrokenLetter | undefined): letter is StoredLetter =>
  letter !== undefined && !('problem' in letter);

/** Apart from its reads and deletes, so that a writer's bundle and role have none. An item a letter, its original as UTF-8 JSON. */
export const createDeadLettersWriter = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): DeadLettersWriter => {
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

/** Whether an item that died at that time is deleted; false if it is another one or none. */
const removeItem = (client: DynamoDBClient, table: string, id: string, diedAt: number): Promise<boolean> => {
  const command = new DeleteItemCommand({
    TableName: table,
    Key: keyOf(id),
    ConditionExpression: '#diedAt = :diedAt',
    ExpressionAttributeNames: { '#diedAt': 'diedAt' },
    ExpressionAttributeValues: { ':diedAt': { N: String(diedAt) } },
  });
  return conditional(attempted(() => client.send(command, callOptions())));
};

const scanLetters = async function* (
  client: DynamoDBClient,
  table: string,
): AsyncGenerator<(StoredLetter | BrokenLetter)[]> {
  const names = LETTER_ATTRIBUTES.map((name) => [`#${name}`, name] as const);
  let from: Item | undefined;
  do {
    const scan = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      ProjectionExpression: names.map(([placeholder]) => placeholder).join(', '),
      ExpressionAttributeNames: Object.fromEntries(names),
      ExclusiveStartKey: from,
    });
    const { Items = [], LastEvaluatedKey } = await attempted(() => client.send(scan, callOptions()));
    yield Items.flatMap((item) => letterOf(item) ?? []);
    from = LastEvaluatedKey;
  } while (from !== undefined);
};

const wholeOf = (letter: StoredLetter, items: readonly (Item | undefined)[]): WholeLetter | BrokenLetter => {
  const missing = items.findIndex((item) => item?.['original']?.B === undefined);
  if (missing !== -1) {
    const what = letter.parts === 0 ? 'its original' : `part ${missing + 1} of ${letter.parts}`;
    return { id: letter.id, problem: `${what} is missing` };
  }
  const bytes = Buffer.concat(items.map((item) => item?.['original']?.B ?? new Uint8Array()));
  return letter.bytes === undefined || letter.bytes === bytes.length
    ? { ...letter, original: bytes.toString() }
    : { id: letter.id, problem: `its original has ${bytes.length} bytes instead of ${letter.bytes}` };
};

export const createDeadLettersTable = (client: DynamoDBClient, table: string): DeadLettersTable => {
  const readItems = async (ids: readonly string[]): Promise<Map<string, Item>> => {
    const items = await batchGet(client, table, [...new Set(ids)].map(keyOf));
    return new Map(items.map((item) => [item['id']?.S ?? '', item]));
  };
  const readParts = async (letters: readonly StoredLetter[]): Promise<Map<string, Item>> => {
    const requests = chunksOf(letters.flatMap(partIds), PARTS_A_READ);
    const pages = await mapInFlight(requests, PART_REQUESTS_IN_FLIGHT, readItems);
    return new Map(pages.flatMap((page) => [...page]));
  };
  return {
    scan: () => scanLetters(client, table),

    read: async (ids) => {
      const items = await readItems(ids);
      const letters = [...items.values()].flatMap((item) => letterOf(item) ?? []);
      const parts = await readParts(letters.filter(isStored));
      const whole = letters.map((letter) => {
        if (!isStored(letter)) return letter;
        const own = letter.parts === 0 ? [items.get(letter.id)] : partIds(letter).map((id) => parts.get(id));
        return wholeOf(letter, own);
      });
      return new Map(whole.map((letter) => [letter.id, letter]));
    },

    remove: async (letter) => {
      const isRemoved = await removeItem(client, table, letter.id, letter.diedAt);
      // A delete that was not answered may have been done: then the letter is gone when it is tried again.
      if (!isRemoved && (await readItems([letter.id])).size > 0) return false;
      // A part that was written since belongs to a letter that dies again right now. What stays expires by itself.
      const ids = partIds(letter);
      await mapInFlight(ids, PART_REQUESTS_IN_FLIGHT, (id) =>
        removeItem(client, table, id, letter.diedAt).catch(() => false),
      );
      return true;
    },
  };
};
