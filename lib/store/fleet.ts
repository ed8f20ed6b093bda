import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { FleetComet, FleetHeader } from '../domain/fleet.ts';
import type { FleetChange } from '../domain/fleet-changes.ts';
import { CLOCK_MARGIN_MS } from '../domain/limits.ts';
import type { RoomChanges } from '../domain/room-changes.ts';
import { type BatchWritten, batchWrite } from './batch-write.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';
import { scanPages } from './scan.ts';

/** No comet of the fleet has this id: a registry entry that starts with # is refused. A push may name it all the same. */
const HEADER_ID = '#fleet';

const numberOf = (item: Item, name: string): number => Number(item[name]?.N ?? 0);

const roomsOfPass = ([pass, { L: rooms = [] }]: [string, AttributeValue]): [number, string[]] => [
  Number(pass),
  rooms.map(({ S = '' }) => S),
];

const changesOf = (item: Item): RoomChanges => ({
  merge: item['merge']?.S ?? '',
  pass: numberOf(item, 'pass'),
  since: numberOf(item, 'since'),
  roomsByPass: new Map(Object.entries(item['roomsByPass']?.M ?? {}).map(roomsOfPass)),
});

const changesItem = ({ merge, pass, since, roomsByPass }: RoomChanges): Item => ({
  merge: { S: merge },
  pass: { N: String(pass) },
  since: { N: String(since) },
  roomsByPass: {
    M: Object.fromEntries([...roomsByPass].map(([at, rooms]) => [at, { L: rooms.map((S) => ({ S })) }])),
  },
});

const headerOf = (item: Item): FleetHeader => ({
  version: numberOf(item, 'version'),
  mergedAt: numberOf(item, 'mergedAt'),
  fleetAt: numberOf(item, 'fleetAt'),
  fresh: new Set(item['fresh']?.SS),
  silent: new Set(item['silent']?.SS),
  ...(item['changes']?.M === undefined ? {} : { changes: changesOf(item['changes'].M) }),
});

// DynamoDB has no empty sets.
const setOf = (name: 'fresh' | 'silent', ids: ReadonlySet<string>): Item =>
  ids.size === 0 ? {} : { [name]: { SS: [...ids] } };

const headerItem = ({ version, mergedAt, fleetAt, fresh, silent, changes }: FleetHeader): Item => ({
  id: { S: HEADER_ID },
  version: { N: String(version) },
  mergedAt: { N: String(mergedAt) },
  fleetAt: { N: String(fleetAt) },
  ...setOf('fresh', fresh),
  ...setOf('silent', silent),
  ...(changes === undefined ? {} : { changes: { M: changesItem(changes) } }),
});

const cometOf = (item: Item): FleetComet => ({
  id: item['id']?.S ?? '',
  addresses: (item['addresses']?.L ?? []).flatMap(({ S }) => S ?? []),
  ...(item['zone']?.S === undefined ? {} : { zone: item['zone'].S }),
  ...(item['leftAt']?.N === undefined ? {} : { leftAt: Number(item['leftAt'].N) }),
});

const cometItem = ({ id, addresses, zone, leftAt }: FleetComet): Item => ({
  id: { S: id },
  addresses: { L: addresses.map((S) => ({ S })) },
  ...(zone === undefined ? {} : { zone: { S: zone } }),
  ...(leftAt === undefined ? {} : { leftAt: { N: String(leftAt) } }),
});

export interface FleetReader {
  /** Consistent. */
  readHeader(): Promise<FleetHeader | undefined>;
  /** Consistent; also those that have left. */
  readComets(): Promise<FleetComet[]>;
}

/** What `redeliver` asks of one comet. Apart, so that its bundle and role have no more. */
export interface FleetComets {
  /** Consistent. */
  readHeader(): Promise<FleetHeader | undefined>;
  /** Consistent; also one that has left. */
  readComet(id: string): Promise<FleetComet | undefined>;
}

export interface FleetTable extends FleetReader {
  writeComets(changes: readonly FleetChange[], startWithinMs: number): Promise<BatchWritten>;
  /** One attempt; false if the header there is as new or newer. */
  writeHeader(header: FleetHeader): Promise<boolean>;
}

const getItem = async (client: DynamoDBClient, table: string, id: string): Promise<Item | undefined> => {
  const get = new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true });
  const { Item } = await attempted(() => client.send(get, callOptions()));
  return Item;
};

const readHeader = async (client: DynamoDBClient, table: string): Promise<FleetHeader | undefined> => {
  const item = await getItem(client, table, HEADER_ID);
  return item === undefined ? undefined : headerOf(item);
};

export const createFleetComets = (client: DynamoDBClient, table: string): FleetComets => ({
  readHeader: () => readHeader(client, table),
  readComet: async (id) => {
    if (id === HEADER_ID) return undefined;
    const item = await getItem(client, table, id);
    return item === undefined ? undefined : cometOf(item);
  },
});

/** The `Fleet` table: an item a comet, and the header. Apart from its writes, so that a reader's bundle and role have none. */
export const createFleetReader = (client: DynamoDBClient, table: string): FleetReader => ({
  readHeader: () => readHeader(client, table),

  readComets: async () => {
    const comets: FleetComet[] = [];
    for await (const items of scanPages(client, table)) comets.push(...items.map(cometOf));
    return comets.filter(({ id }) => id !== HEADER_ID);
  },
});

/** The `Fleet` table, for its one writer. */
export const createFleetTable = (client: DynamoDBClient, table: string): FleetTable => ({
  ...createFleetReader(client, table),

  writeComets: (changes, startWithinMs) => {
    const writes = changes.map(({ id, comet }) => ({
      key: { id: { S: id } },
      ...(comet === undefined ? {} : { item: cometItem(comet) }),
    }));
    return batchWrite(client, table, writes, { startWithinMs });
  },

  writeHeader: (header) => {
    const put = new PutItemCommand({
      TableName: table,
      Item: headerItem(header),
      // One from the future is of a clock that was set back since: it would keep every header out until that time comes.
      ConditionExpression: 'attribute_not_exists(mergedAt) OR mergedAt < :mergedAt OR mergedAt > :future',
      ExpressionAttributeValues: {
        ':mergedAt': { N: String(header.mergedAt) },
        ':future': { N: String(header.mergedAt + CLOCK_MARGIN_MS) },
      },
    });
    return conditional(client.send(put, callOptions()));
  },
});
