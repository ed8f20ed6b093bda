import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opLetters, recordLetter } from '../../lib/domain/dead-letter.ts';
import { DEAD_LETTER_KEPT_S, MAX_PART_BYTES } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import type { MalformedRecord } from '../../lib/domain/push-message.ts';
import {
  createDeadLettersTable,
  createDeadLettersWriter,
  type DeadLettersTable,
  type DeadLettersWriter,
} from '../../lib/store/dead-letters.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb, type Reply, refusal, startScripted } from './test-dynamodb.ts';

const NOW = 1_700_000_000_000;
const TABLE = 'goim-job-dev-dead-letters';

let tables: TestTables;
let client: ReturnType<typeof openDynamoDb>;
let letters: DeadLettersWriter;
let table: DeadLettersTable;

beforeAll(async () => {
  tables = await startTestTables();
  client = openDynamoDb({
    endpoint: tables.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  letters = createDeadLettersWriter(client, TABLE, () => NOW);
  table = createDeadLettersTable(client, TABLE);
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});

const record = (offset: number, value: unknown): MalformedRecord => ({
  topic: 't',
  partition: 3,
  offset,
  timestamp: NOW - 9,
  malformed: 'value-not-base64',
  original: { key: 'azE=', value, headers: [{ trace: [1] }] },
});

const itemOf = async (id: string) => {
  const { Item } = await client.send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: id } } }));
  if (Item === undefined) throw new Error(`no item ${id}`);
  return Item;
};
const originalOf = async (id: string): Promise<unknown> => {
  const item = await itemOf(id);
  const names = Array.from(
    { length: Number(item['parts']?.N ?? 0) },
    (_, index) => `${id}#part-${index + 1}`,
  );
  const parts = await Promise.all(names.map(itemOf));
  const bytes = [item, ...parts].map((part) => Buffer.from(part['original']?.B ?? []));
  return JSON.parse(Buffer.concat(bytes).toString());
};

describe('a dead letter', () => {
  test('of a record keeps its reason, coordinates, times, key, value and headers', async () => {
    await letters.write([recordLetter(record(7, '?'))]);
    const item = await itemOf('t/3/7#malformed');
    expect(item).toMatchObject({
      kind: { S: 'record' },
      reason: { S: 'value-not-base64' },
      topic: { S: 't' },
      partition: { N: '3' },
      offset: { N: '7' },
      timestamp: { N: String(NOW - 9) },
      diedAt: { N: String(NOW) },
      expiresAt: { N: String(NOW / 1000 + DEAD_LETTER_KEPT_S) },
    });
    expect(await originalOf('t/3/7#malformed')).toEqual({
      key: 'azE=',
      value: '?',
      headers: [{ trace: [1] }],
    });
  });

  test('of an op keeps what is needed to send it again', async () => {
    const op: Op = {
      id: 't/0/1',
      type: 'push',
      keys: ['k1'],
      operation: 9,
      body: 'eA==',
      timestamp: 5,
    };
    await letters.write(opLetters(op, 'comet-1', { reason: 'refused', detail: 'too old a client' }));
    const [{ id } = { id: '' }] = opLetters(op, 'comet-1', { reason: 'refused' });
    expect(await itemOf(id)).toMatchObject({ comet: { S: 'comet-1' }, detail: { S: 'too old a client' } });
    expect(await originalOf(id)).toEqual(op);
  });

  test('whose original is larger than an item stands in numbered parts', async () => {
    const value = 'é'.repeat(MAX_PART_BYTES);
    await letters.write([recordLetter(record(8, value))]);
    expect((await itemOf('t/3/8#malformed'))['parts']).toEqual({ N: '3' });
    expect(await originalOf('t/3/8#malformed')).toMatchObject({ value });
  });

  test('is the same item when its batch comes again', async () => {
    const count = async () =>
      (await client.send(new ScanCommand({ TableName: TABLE, Select: 'COUNT' }))).Count;
    const many = Array.from({ length: 60 }, (_, offset) => recordLetter(record(100 + offset, null)));
    await letters.write(many);
    const before = await count();
    await letters.write([...many, ...many]);
    expect(await count()).toBe(before);
  });
});

describe('the letters', () => {
  const large = (offset: number) => recordLetter(record(offset, 'é'.repeat(MAX_PART_BYTES)));
  const died = (ms: number) => createDeadLettersWriter(client, TABLE, () => ms);
  const scanned = async () => {
    const pages = [];
    for await (const page of table.scan()) pages.push(page);
    return pages.flat();
  };
  const readOne = async (id: string) => {
    const letter = (await table.read([id])).get(id);
    if (letter === undefined || 'problem' in letter) throw new Error('it is not whole');
    return letter;
  };
  const itemsOf = async (prefix: string) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
    return Items.flatMap(({ id }) => (id?.S?.startsWith(prefix) ? [id.S] : []));
  };

  test('are scanned without their originals, whatever the number of their parts', async () => {
    const [small, big] = [recordLetter(record(300, 1)), large(301)];
    await letters.write([small, big]);
    const found = (await scanned()).filter(({ id }) => /^t.3.30[01]#/.test(id));
    const bytes = (letter: { original: string }) => Buffer.byteLength(letter.original);
    expect(found.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      expect.objectContaining({ id: small.id, kind: 'record', diedAt: NOW, bytes: bytes(small), parts: 0 }),
      expect.objectContaining({ id: big.id, offset: 301, bytes: bytes(big), parts: 3 }),
    ]);
    expect(found.some((letter) => 'original' in letter)).toBe(false);
  });

  test('are read whole; one that is not there is absent', async () => {
    const big = large(310);
    await letters.write([big]);
    const read = await table.read([big.id, 'no-such']);
    expect([...read.keys()]).toEqual([big.id]);
    expect(read.get(big.id)).toMatchObject({ original: big.original });
  });

  test('of an older deploy, which said no size, are read too', async () => {
    const old = recordLetter(record(311, 1));
    await letters.write([old]);
    const { bytes: _unsaid, ...item } = await itemOf(old.id);
    await client.send(new PutItemCommand({ TableName: TABLE, Item: item }));
    expect(await readOne(old.id)).toMatchObject({ original: old.original });
  });

  test('are removed with their parts; to remove one again does no harm', async () => {
    const big = large(320);
    await letters.write([big]);
    const read = await readOne(big.id);
    expect(await table.remove(read)).toBe(true);
    expect(await itemsOf(big.id)).toEqual([]);
    expect(await table.remove(read)).toBe(true);
  });

  test('stay if they have died again since they were read', async () => {
    const big = large(330);
    await letters.write([big]);
    const read = await readOne(big.id);
    await died(NOW + 1).write([big]);
    expect(await table.remove(read)).toBe(false);
    expect(await readOne(big.id)).toMatchObject({ diedAt: NOW + 1, original: big.original });
  });

  test('keep the parts that are written while they are removed: the letter follows them', async () => {
    const big = large(340);
    await letters.write([big]);
    const read = await readOne(big.id);
    await died(NOW + 1).write([big]);
    const newer = await itemOf(big.id);
    const { diedAt: _newer, ...same } = newer;
    // As it is between the two writes of the one that writes it again.
    await client.send(
      new PutItemCommand({ TableName: TABLE, Item: { ...same, diedAt: { N: String(NOW) } } }),
    );
    expect(await table.remove(read)).toBe(true);
    await client.send(new PutItemCommand({ TableName: TABLE, Item: newer }));
    expect(await readOne(big.id)).toMatchObject({ original: big.original });
  });
});

test('a delete whose answer is lost is known to be done when it is tried again', async () => {
  let deletes = 0;
  const server = await startScripted(({ operation }): Reply => {
    if (operation === 'BatchGetItem') return { status: 200, body: { Responses: { [TABLE]: [] } } };
    deletes += 1;
    return deletes === 1 ? 'cut' : refusal('ConditionalCheckFailedException');
  });
  const scripted = openTestDynamoDb(server.endpoint);
  try {
    const letter = { ...recordLetter(record(9, '?')), diedAt: NOW, expiresAt: 0, parts: 0 };
    expect(await createDeadLettersTable(scripted, TABLE).remove(letter)).toBe(true);
    expect(deletes).toBe(2);
  } finally {
    scripted.destroy();
    server.close();
  }
});

test('a write that fails is an error, so that the batch comes again', async () => {
  const broken = createDeadLettersWriter(client, 'no-such-table', () => NOW);
  await expect(broken.write([recordLetter(record(9, '?'))])).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
