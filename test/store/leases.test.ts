import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLeasesTable, type LeasesTable } from '../../lib/store/leases.ts';
import { startTables, tableNames } from '../../local/tables.ts';
import { openTestDynamoDb } from './test-dynamodb.ts';

const NOW = 1_700_000_000_000;
const lease = (name: string, owner: string, until = NOW) => ({ name, owner, until, endsAt: NOW + 600_000 });

describe('the Leases table', () => {
  let tables: Awaited<ReturnType<typeof startTables>>;
  let client: ReturnType<typeof openTestDynamoDb>;
  let leases: LeasesTable;
  const table = tableNames()['LeasesTable'] ?? '';
  beforeAll(async () => {
    tables = await startTables();
    client = openTestDynamoDb(tables.endpoint);
    leases = createLeasesTable(client, table);
  });
  afterAll(() => {
    client.destroy();
    return tables.close();
  });

  it('gives a free lease, and reads it', async () => {
    expect(await leases.read('free')).toBeUndefined();
    expect(await leases.acquire(lease('free', 'a'), NOW)).toBe(true);
    expect(await leases.read('free')).toEqual(lease('free', 'a'));
  });

  it('gives a lease away only after it has run out', async () => {
    await leases.acquire(lease('held', 'a', NOW), 0);
    expect(await leases.acquire(lease('held', 'b'), NOW)).toBe(false);
    expect(await leases.read('held')).toEqual(lease('held', 'a', NOW));
    expect(await leases.acquire(lease('held', 'b', NOW + 30_000), NOW + 1)).toBe(true);
    expect(await leases.read('held')).toEqual(lease('held', 'b', NOW + 30_000));
  });

  it('gives its owner a lease again', async () => {
    await leases.acquire(lease('own', 'a'), 0);
    expect(await leases.acquire(lease('own', 'a', NOW + 1), 0)).toBe(true);
  });

  it('renews a lease for its owner alone', async () => {
    await leases.acquire(lease('renewed', 'a'), 0);
    expect(await leases.renew(lease('renewed', 'a', NOW + 5))).toBe(true);
    expect(await leases.renew(lease('renewed', 'b', NOW + 9))).toBe(false);
    expect((await leases.read('renewed'))?.until).toBe(NOW + 5);
  });

  it('renews nothing that was released', async () => {
    expect(await leases.renew(lease('never', 'a'))).toBe(false);
    expect(await leases.read('never')).toBeUndefined();
  });

  it('is released by its owner alone', async () => {
    await leases.acquire(lease('released', 'a'), 0);
    expect(await leases.release('released', 'b')).toBe(false);
    expect(await leases.release('released', 'a')).toBe(true);
    expect(await leases.read('released')).toBeUndefined();
    expect(await leases.release('released', 'a')).toBe(false);
  });

  it('keeps what else an item holds', async () => {
    await leases.acquire(lease('more', 'a'), 0);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { name: { S: 'more' } },
        UpdateExpression: 'SET wake = :wake',
        ExpressionAttributeValues: { ':wake': { SS: ['t-0'] } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    await leases.renew(lease('more', 'a', NOW + 1));
    await leases.acquire(lease('more', 'b'), NOW + 2);
    const { Attributes } = await client.send(
      new UpdateItemCommand({ TableName: table, Key: { name: { S: 'more' } }, ReturnValues: 'ALL_NEW' }),
    );
    expect(Attributes).toMatchObject({ wake: { SS: ['t-0'] }, owner: { S: 'b' } });
  });
});
