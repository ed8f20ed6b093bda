import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REGISTRY_READ_MS } from '../../lib/domain/limits.ts';
import { createTableRegistry } from '../../lib/registry/table.ts';
import { createCometsReader } from '../../lib/store/comets.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { startTables, tableNames } from '../../local/tables.ts';

let tables: Awaited<ReturnType<typeof startTables>>;
let client: DynamoDBClient;
const table = tableNames()['CometsTable'] ?? '';

beforeAll(async () => {
  tables = await startTables();
  client = openDynamoDb({
    endpoint: tables.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});

const put = (id: string, ...addresses: string[]) =>
  client.send(
    new PutItemCommand({
      TableName: table,
      Item: { id: { S: id }, addresses: { L: addresses.map((S) => ({ S })) } },
    }),
  );

test('the fleet is what stands in the table, addresses in order, and a change is seen after a while', async () => {
  let now = 1_000_000;
  const registry = createTableRegistry({ ...createCometsReader(client, table), now: () => now });
  await put('comet-1', 'https://b:8443', 'grpc://a:3109');
  const first = { id: 'comet-1', addresses: ['https://b:8443', 'grpc://a:3109'] };
  expect(await registry.comets()).toEqual({ comets: [first], refused: [] });

  await put('comet-2', 'ftp://c');
  now += REGISTRY_READ_MS - 1;
  expect((await registry.comets()).refused).toEqual([]);
  now += 1;
  expect(await registry.comets()).toEqual({
    comets: [first],
    refused: [{ id: 'comet-2', problem: 'address 1 is not an http, https, grpc, grpcs or gorpc URL' }],
  });
});

test('a table that cannot be read is no empty fleet', async () => {
  const registry = createTableRegistry({
    readAll: async () => Promise.reject(new Error('throttled')),
    now: () => 0,
  });
  await expect(registry.comets()).rejects.toThrow('throttled');
});
