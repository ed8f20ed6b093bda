import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opLetters, recordLetter } from '../../lib/domain/dead-letter.ts';
import { DEAD_LETTER_KEPT_S, MAX_PART_BYTES } from '../../lib/domain/limits.ts';
import type { MalformedRecord, PushMessage } from '../../lib/domain/push-message.ts';
import { createDeadLettersTable, type DeadLettersTable } from '../../lib/store/dead-letters.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { startTables } from '../../local/tables.ts';

const NOW = 1_700_000_000_000;
const TABLE = 'goim-job-dev-dead-letters';

let tables: Awaited<ReturnType<typeof startTables>>;
let client: ReturnType<typeof openDynamoDb>;
let letters: DeadLettersTable;

beforeAll(async () => {
  tables = await startTables({ host: '127.0.0.1', port: 0 });
  client = openDynamoDb({
    endpoint: tables.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  letters = createDeadLettersTable(client, TABLE, () => NOW);
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
    const target = { type: 'push', comet: 'comet-1', keys: ['k1'] } as const;
    const message: PushMessage = {
      topic: 't',
      partition: 0,
      offset: 1,
      timestamp: 5,
      target,
      operation: 9,
      body: 'eA==',
    };
    await letters.write(opLetters(message, 'comet-1', { reason: 'refused', detail: 'too old a client' }));
    expect(await itemOf('t/0/1#comet-1#refused')).toMatchObject({
      comet: { S: 'comet-1' },
      detail: { S: 'too old a client' },
    });
    expect(await originalOf('t/0/1#comet-1#refused')).toEqual({ target, operation: 9, body: 'eA==' });
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

test('a write that fails is an error, so that the batch comes again', async () => {
  const broken = createDeadLettersTable(client, 'no-such-table', () => NOW);
  await expect(broken.write([recordLetter(record(9, '?'))])).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
