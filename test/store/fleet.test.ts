import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOCK_MARGIN_MS } from '../../lib/domain/limits.ts';
import { createFleetComets, createFleetTable, type FleetTable } from '../../lib/store/fleet.ts';
import { tableNames } from '../../local/tables.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb, startScripted } from './test-dynamodb.ts';

const NOW = 1_700_000_000_000;
const header = (mergedAt: number, fresh: readonly string[] = [], silent: readonly string[] = []) => ({
  version: 3,
  mergedAt,
  fleetAt: NOW - 1,
  fresh: new Set(fresh),
  silent: new Set(silent),
});
const put = (id: string, rest: object = {}) => ({ id, comet: { id, addresses: [`http://${id}`], ...rest } });

describe('the Fleet table', () => {
  let tables: TestTables;
  let fleet: FleetTable;
  let close: () => void;
  beforeAll(async () => {
    tables = await startTestTables();
    const client = openTestDynamoDb(tables.endpoint);
    fleet = createFleetTable(client, tableNames()['FleetTable'] ?? '');
    close = () => client.destroy();
  });
  afterAll(() => {
    close();
    return tables.close();
  });

  it('has no header at first', async () => {
    expect(await fleet.readHeader()).toBeUndefined();
    expect(await fleet.readComets()).toEqual([]);
  });

  it('reads the header that was written, also without any fresh or silent comet', async () => {
    expect(await fleet.writeHeader(header(NOW))).toBe(true);
    expect(await fleet.readHeader()).toEqual(header(NOW));
    expect(await fleet.writeHeader(header(NOW + 1, ['a', 'b'], ['c']))).toBe(true);
    expect(await fleet.readHeader()).toEqual(header(NOW + 1, ['a', 'b'], ['c']));
  });

  it('refuses a header that is not newer than the one there', async () => {
    expect(await fleet.writeHeader(header(NOW + 1))).toBe(false);
    expect(await fleet.writeHeader(header(NOW))).toBe(false);
    expect(await fleet.readHeader()).toEqual(header(NOW + 1, ['a', 'b'], ['c']));
  });

  it('reads the comets that were written, addresses in order, without the header', async () => {
    const written = await fleet.writeComets(
      [put('a'), put('b', { addresses: ['http://b2', 'http://b1'], zone: 'z', leftAt: NOW })],
      1000,
    );
    expect(written).toEqual({ statuses: ['written', 'written'], failure: undefined });
    expect((await fleet.readComets()).sort((x, y) => x.id.localeCompare(y.id))).toEqual([
      { id: 'a', addresses: ['http://a'] },
      { id: 'b', addresses: ['http://b2', 'http://b1'], zone: 'z', leftAt: NOW },
    ]);
  });

  it('deletes a comet', async () => {
    await fleet.writeComets([{ id: 'b', comet: undefined }], 1000);
    expect((await fleet.readComets()).map(({ id }) => id)).toEqual(['a']);
  });

  it('reads every page of a fleet over 1 MB', async () => {
    const long = 'x'.repeat(2000);
    const many = Array.from({ length: 700 }, (_, i) => put(`many-${i}`, { addresses: [`http://${long}`] }));
    await fleet.writeComets(many, 10_000);
    expect(await fleet.readComets()).toHaveLength(701);
  });

  it('reads the changes that a header names', async () => {
    const roomsByPass = new Map([
      [7, ['r', 'live://1']],
      [9, ['r']],
    ]);
    for (const [at, changes] of [
      { merge: 'm', pass: 9, since: 6, roomsByPass },
      { merge: 'm', pass: 10, since: 10, roomsByPass: new Map<number, string[]>() },
    ].entries()) {
      const named = { ...header(NOW + 2 + at), changes };
      expect(await fleet.writeHeader(named)).toBe(true);
      expect(await fleet.readHeader()).toEqual(named);
    }
  });

  it('takes a header in the place of one from the future: a clock was set back since', async () => {
    const { mergedAt = 0 } = (await fleet.readHeader()) ?? {};
    const ahead = mergedAt + 60_000;
    expect(await fleet.writeHeader(header(ahead))).toBe(true);
    expect(await fleet.writeHeader(header(ahead - CLOCK_MARGIN_MS))).toBe(false);
    expect(await fleet.writeHeader(header(ahead - CLOCK_MARGIN_MS - 1))).toBe(true);
  });
});

it('the header and a comet are read consistently: an old header would call fresh what is not', async () => {
  const { endpoint, requests, close } = await startScripted(() => ({ status: 200, body: {} }));
  const client = openTestDynamoDb(endpoint);
  await createFleetTable(client, 't').readHeader();
  await createFleetComets(client, 't').readHeader();
  await createFleetComets(client, 't').readComet('a');
  client.destroy();
  close();
  expect(requests.map(({ body }) => body)).toMatchObject(
    ['#fleet', '#fleet', 'a'].map((id) => ({ Key: { id: { S: id } }, ConsistentRead: true })),
  );
});
