import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLeasesTable, type LeasesTable } from '../../lib/store/leases.ts';
import { tableNames } from '../../local/tables.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb, startScripted } from './test-dynamodb.ts';

const NOW = 1_700_000_000_000;
const lease = (name: string, owner: string, until = NOW) => ({
  name,
  owner,
  fingerprint: 'old',
  until,
  endsAt: NOW + 600_000,
});

const UNASKED = { woken: [], isAsked: false };
const asking = (name: string, owner: string, fingerprint = 'new') => ({ ...lease(name, owner), fingerprint });

describe('the Leases table', () => {
  let tables: TestTables;
  let client: ReturnType<typeof openTestDynamoDb>;
  let leases: LeasesTable;
  const table = tableNames()['LeasesTable'] ?? '';
  beforeAll(async () => {
    tables = await startTestTables();
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
    expect(await leases.renew(lease('renewed', 'a', NOW + 5))).toEqual(UNASKED);
    expect(await leases.renew(lease('renewed', 'b', NOW + 9))).toBeUndefined();
    expect((await leases.read('renewed'))?.until).toBe(NOW + 5);
  });

  it('renews nothing that was released', async () => {
    expect(await leases.renew(lease('never', 'a'))).toBeUndefined();
    expect(await leases.read('never')).toBeUndefined();
  });

  it('is released by its owner alone', async () => {
    await leases.acquire(lease('released', 'a'), 0);
    expect(await leases.release('released', 'b')).toBe(false);
    expect(await leases.release('released', 'a')).toBe(true);
    expect(await leases.read('released')).toBeUndefined();
    expect(await leases.release('released', 'a')).toBe(false);
  });

  it('tells its owner once of what it was woken for', async () => {
    await leases.acquire(lease('woken', 'a'), 0);
    expect(await leases.wake('woken', ['t-0', 't-1'])).toBe(true);
    expect(await leases.wake('woken', ['t-1', 't-2'])).toBe(true);
    const woken = await leases.renew(lease('woken', 'a', NOW + 1));
    expect(woken?.woken.toSorted()).toEqual(['t-0', 't-1', 't-2']);
    expect(await leases.renew(lease('woken', 'a', NOW + 2))).toEqual(UNASKED);
  });

  it('is not released while its owner does not know what it was woken for', async () => {
    await leases.acquire(lease('busy', 'a'), 0);
    await leases.wake('busy', ['t-0']);
    expect(await leases.release('busy', 'a')).toBe(false);
    await leases.renew(lease('busy', 'a'));
    expect(await leases.release('busy', 'a')).toBe(true);
  });

  it('wakes nobody where there is no owner, and leaves no item behind', async () => {
    expect(await leases.wake('nobody', ['t-0'])).toBe(false);
    expect(await leases.acquire(lease('nobody', 'b'), 0)).toBe(true);
    expect(await leases.renew(lease('nobody', 'b'))).toEqual(UNASKED);
  });

  it('hands on to the next owner what the last one did not hear', async () => {
    await leases.acquire(lease('died', 'a'), 0);
    await leases.wake('died', ['t-0']);
    await leases.acquire(lease('died', 'b'), NOW + 1);
    expect(await leases.renew(lease('died', 'b'))).toEqual({ woken: ['t-0'], isAsked: false });
  });

  it('tells its owner at each renewal that one which started later has asked', async () => {
    await leases.acquire(lease('asked', '2'), 0);
    expect(await leases.ask(asking('asked', '3'))).toBe(true);
    expect(await leases.renew(lease('asked', '2'))).toEqual({ woken: [], isAsked: true });
    expect(await leases.renew(lease('asked', '2'))).toEqual({ woken: [], isAsked: true });
    expect((await leases.read('asked'))?.ask).toBe('3');
  });

  it('is not asked for by one that started earlier, that runs the same, or where there is no owner', async () => {
    await leases.acquire(lease('kept', '2'), 0);
    expect(await leases.ask(asking('kept', '1'))).toBe(false);
    expect(await leases.ask(asking('kept', '3', 'old'))).toBe(false);
    expect(await leases.ask(asking('nothing', '3'))).toBe(false);
    expect(await leases.renew(lease('kept', '2'))).toEqual(UNASKED);
    expect(await leases.read('nothing')).toBeUndefined();
  });

  it('keeps the latest of those that ask', async () => {
    await leases.acquire(lease('latest', '1'), 0);
    await leases.ask(asking('latest', '3'));
    expect(await leases.ask(asking('latest', '2'))).toBe(false);
    expect((await leases.read('latest'))?.ask).toBe('3');
  });

  it('that is given up is for who has asked, or started later, until it runs out', async () => {
    await leases.acquire(lease('handed', '1', NOW), 0);
    await leases.ask(asking('handed', '3'));
    expect(await leases.giveUp('handed', '2')).toBe(false);
    expect(await leases.giveUp('handed', '1')).toBe(true);
    expect(await leases.giveUp('handed', '1')).toBe(false);
    expect(await leases.acquire(asking('handed', '2'), NOW)).toBe(false);
    expect(await leases.acquire(asking('handed', '3'), NOW)).toBe(true);
    expect(await leases.renew(asking('handed', '3'))).toEqual(UNASKED);
  });

  it('that is given up is anybody’s once it has run out', async () => {
    await leases.acquire(lease('left', '1', NOW), 0);
    await leases.ask(asking('left', '3'));
    await leases.giveUp('left', '1');
    expect(await leases.acquire(lease('left', '2'), NOW + 1)).toBe(true);
  });

  it('that is given up keeps what its owner did not hear, and hears more, for the next one', async () => {
    await leases.acquire(lease('given-up', '1'), 0);
    await leases.ask(asking('given-up', '3'));
    await leases.wake('given-up', ['t-0']);
    await leases.giveUp('given-up', '1');
    expect(await leases.wake('given-up', ['t-1'])).toBe(true);
    await leases.acquire(asking('given-up', '4'), 0);
    const renewal = await leases.renew(asking('given-up', '4'));
    expect(renewal?.woken.toSorted()).toEqual(['t-0', 't-1']);
  });
});

it('a lease is read consistently', async () => {
  const { endpoint, requests, close } = await startScripted(() => ({ status: 200, body: {} }));
  const client = openTestDynamoDb(endpoint);
  await createLeasesTable(client, 't').read('n');
  client.destroy();
  close();
  expect(requests).toMatchObject([{ operation: 'GetItem', body: { ConsistentRead: true } }]);
});
