import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomItem } from '../../lib/domain/room-servers.ts';
import { createRoomsTable, type RoomsTable } from '../../lib/store/rooms.ts';
import { tableNames } from '../../local/tables.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb } from './test-dynamodb.ts';

const item = (room: string, ...comets: string[]): RoomItem => ({ room, comets, expiresAt: 1_700_000_000 });

describe('the Rooms table', () => {
  let tables: TestTables;
  let rooms: RoomsTable;
  let close: () => void;
  beforeAll(async () => {
    tables = await startTestTables();
    const client = openTestDynamoDb(tables.endpoint);
    rooms = createRoomsTable(client, tableNames()['RoomsTable'] ?? '');
    close = () => client.destroy();
  });
  afterAll(() => {
    close();
    return tables.close();
  });

  const scanned = async (): Promise<RoomItem[]> => {
    const items: RoomItem[] = [];
    for await (const page of rooms.scan()) items.push(...page);
    return items;
  };

  it('answers with the comets of the rooms that are there, and without the others', async () => {
    await rooms.writeRooms([item('r1', 'a', 'b'), item('r2', 'a')], 1000);
    expect(await rooms.readRooms(['r1', 'r2', 'r3'])).toEqual(
      new Map([
        ['r1', new Set(['a', 'b'])],
        ['r2', new Set(['a'])],
      ]),
    );
  });

  it('reads a room once that is asked for twice, and nothing for nothing', async () => {
    expect((await rooms.readRooms(['r1', 'r1'])).size).toBe(1);
    expect(await rooms.readRooms([])).toEqual(new Map());
  });

  it('replaces an item whole', async () => {
    await rooms.writeRooms([item('r1', 'c')], 1000);
    expect(await rooms.readRooms(['r1'])).toEqual(new Map([['r1', new Set(['c'])]]));
  });

  it('deletes the item of a room without comets', async () => {
    expect((await rooms.writeRooms([item('r1')], 1000)).statuses).toEqual(['written']);
    expect(await scanned()).toEqual([item('r2', 'a')]);
  });

  it('takes room ids of 1024 bytes, and any characters', async () => {
    const odd = [`live://${'é'.repeat(500)}`, '#fleet', '{"a":1}', '\u0000'];
    await rooms.writeRooms(
      odd.map((room) => item(room, 'a')),
      1000,
    );
    expect([...(await rooms.readRooms(odd)).keys()].sort()).toEqual([...odd].sort());
  });

  it('reads and writes more rooms than one request takes, and scans every page', async () => {
    const long = 'x'.repeat(900);
    const many = Array.from({ length: 1500 }, (_, i) => item(`${i}-${long}`, 'a'));
    const { statuses } = await rooms.writeRooms(many, 10_000);
    expect(statuses).toEqual(new Array(1500).fill('written'));
    expect((await rooms.readRooms(many.map(({ room }) => room))).size).toBe(1500);
    expect(await scanned()).toHaveLength(1505);
  });
});
