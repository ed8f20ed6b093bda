import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RoomItem } from '../domain/room-servers.ts';
import { batchGet } from './batch-get.ts';
import { type BatchWritten, batchWrite } from './batch-write.ts';
import type { Item } from './dynamodb.ts';
import { scanPages } from './scan.ts';

export interface RoomsTable {
  /** Consistent; rooms that are not in the table are absent. */
  readRooms(rooms: readonly string[]): Promise<Map<string, ReadonlySet<string>>>;
  /** The whole table, consistently, a page at a time. */
  scan(): AsyncIterable<RoomItem[]>;
  writeRooms(items: readonly RoomItem[], startWithinMs: number): Promise<BatchWritten>;
}

const roomOf = (item: Item): string => item['room']?.S ?? '';

const keyOf = (room: string): Item => ({ room: { S: room } });

// DynamoDB has no empty sets, so a room without comets is no item.
const toWrite = ({ room, comets, expiresAt }: RoomItem): { key: Item; item?: Item } =>
  comets.length === 0
    ? { key: keyOf(room) }
    : {
        key: keyOf(room),
        item: { ...keyOf(room), comets: { SS: [...comets] }, expiresAt: { N: String(expiresAt) } },
      };

/** Few comets are in many rooms: one string each, however many items name it. */
const createReader = (): ((item: Item) => RoomItem) => {
  const ids = new Map<string, string>();
  const same = (id: string): string => {
    const known = ids.get(id);
    if (known === undefined) ids.set(id, id);
    return known ?? id;
  };
  return (item) => ({
    room: roomOf(item),
    comets: (item['comets']?.SS ?? []).map(same),
    expiresAt: Number(item['expiresAt']?.N ?? 0),
  });
};

/** The `Rooms` table: an item a room, with the comets that have it. */
export const createRoomsTable = (client: DynamoDBClient, table: string): RoomsTable => ({
  readRooms: async (rooms) => {
    const items = await batchGet(client, table, [...new Set(rooms)].map(keyOf));
    return new Map(items.map((item) => [roomOf(item), new Set(item['comets']?.SS)]));
  },

  scan: async function* () {
    const read = createReader();
    for await (const items of scanPages(client, table)) yield items.map(read);
  },

  writeRooms: (items, startWithinMs) => batchWrite(client, table, items.map(toWrite), { startWithinMs }),
});
