import { setImmediate } from 'node:timers/promises';
import { DescribeTableCommand, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTables, tableNames } from '../../local/tables.ts';
import { openTestDynamoDb } from '../store/test-dynamodb.ts';

describe('the embedded tables', () => {
  let tables: Awaited<ReturnType<typeof startTables>>;
  beforeAll(async () => {
    tables = await startTables({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => tables.close());

  it('are those of serverless.yml, under their names of stage dev', async () => {
    const client = openTestDynamoDb(tables.endpoint);
    const { TableNames } = await client.send(new ListTablesCommand());
    expect(TableNames).toEqual(Object.values(tableNames()).sort());
    expect(tableNames()).toMatchObject({
      FleetTable: 'goim-job-dev-fleet',
      RoomsTable: 'goim-job-dev-rooms',
      LeasesTable: 'goim-job-dev-leases',
      DeadLettersTable: 'goim-job-dev-dead-letters',
    });
    client.destroy();
  });

  it('have the keys of serverless.yml and are ready for use', async () => {
    const client = openTestDynamoDb(tables.endpoint);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'goim-job-dev-rooms' }));
    expect(Table?.KeySchema).toEqual([{ AttributeName: 'room', KeyType: 'HASH' }]);
    expect(Table?.TableStatus).toBe('ACTIVE');
    client.destroy();
  });

  it('reject with the original error if the port is taken', async () => {
    const port = Number(new URL(tables.endpoint).port);
    await expect(startTables({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('keep a connection for longer than a caller may be held up', async () => {
    const { headers } = await fetch(tables.endpoint);
    expect(headers.get('keep-alive')).toBe('timeout=120');
  });

  // One that is met in the middle would throw where nobody catches it, which fails the run.
  it('can be closed under requests, wherever they are met', async () => {
    for (let turns = 0; turns < 15; turns++) {
      const busy = await startTables();
      const client = openTestDynamoDb(busy.endpoint);
      const scan = () => client.send(new ScanCommand({ TableName: 'goim-job-dev-rooms' }));
      await scan();
      const scans = Promise.allSettled(Array.from({ length: 40 }, scan));
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      await busy.close();
      await scans;
      client.destroy();
    }
  });

  it('can be closed and started again on the same port', async () => {
    const first = await startTables({ host: '127.0.0.1', port: 0 });
    await first.close();
    const again = await startTables({ host: '127.0.0.1', port: Number(new URL(first.endpoint).port) });
    expect(again.endpoint).toBe(first.endpoint);
    await again.close();
  });
});
