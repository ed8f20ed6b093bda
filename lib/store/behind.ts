import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Mark } from '../domain/mark.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';
import { keyOf, markOf } from './mark-item.ts';
import { raiseMark } from './raise-mark.ts';
import { scanPages } from './scan.ts';

/** The `Behind` table, for who parks. */
export interface BehindWriter {
  /** The marks of one partition. Consistent. */
  readPartition(partition: string): Promise<Mark[]>;
  /**
   * Sets `parkedThrough` to the larger of old and new, with a new token made of the mark's, in one update. True if the mark may be a new one,
   * or one that was made before its comet was in the fleet: then nobody has been woken for it.
   */
  raise(mark: Mark, isInFleet: boolean): Promise<boolean>;
}

/** The `Behind` table, for who looks for those that no wake has reached. */
export interface BehindReader {
  /** The whole table, consistently. */
  scan(): Promise<Mark[]>;
}

export interface BehindTable extends BehindReader {
  /** Consistent. */
  readMark(partition: string, comet: string): Promise<Mark | undefined>;
  /** The partitions that a comet is behind on, from the index: what changed in the last moment may be missing. */
  partitionsOf(comet: string): Promise<string[]>;
  /** False if the mark was raised since it was read, or is gone. */
  remove(mark: Mark): Promise<boolean>;
}

const INDEX = 'by-comet';

const queryMarks = async (
  client: DynamoDBClient,
  query: Pick<QueryCommand['input'], 'TableName' | 'IndexName' | 'ConsistentRead'>,
  name: 'partition' | 'comet',
  value: string,
): Promise<Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const command = new QueryCommand({
      ...query,
      KeyConditionExpression: '#name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': { S: value } },
      ExclusiveStartKey: from,
    });
    const { Items = [], LastEvaluatedKey } = await attempted(() => client.send(command, callOptions()));
    items.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return items;
};

/** Apart from its deletes, so that a writer's bundle and role have none. */
export const createBehindWriter = (client: DynamoDBClient, table: string): BehindWriter => ({
  readPartition: async (partition) =>
    (await queryMarks(client, { TableName: table, ConsistentRead: true }, 'partition', partition)).map(
      markOf,
    ),

  raise: (mark, isInFleet) => raiseMark(client, table, mark, isInFleet),
});

/** Apart, so that the merge's bundle and role have no more. */
export const createBehindReader = (client: DynamoDBClient, table: string): BehindReader => ({
  scan: async () => {
    const marks: Mark[] = [];
    for await (const items of scanPages(client, table)) marks.push(...items.map(markOf));
    return marks;
  },
});

export const createBehindTable = (client: DynamoDBClient, table: string): BehindTable => ({
  ...createBehindReader(client, table),

  readMark: async (partition, comet) => {
    const get = new GetItemCommand({
      TableName: table,
      Key: keyOf({ partition, comet }),
      ConsistentRead: true,
    });
    const { Item } = await attempted(() => client.send(get, callOptions()));
    return Item === undefined ? undefined : markOf(Item);
  },

  partitionsOf: async (comet) =>
    (await queryMarks(client, { TableName: table, IndexName: INDEX }, 'comet', comet)).flatMap(
      ({ partition }) => partition?.S ?? [],
    ),

  remove: (mark) => {
    const command = new DeleteItemCommand({
      TableName: table,
      Key: keyOf(mark),
      ConditionExpression: '#token = :token',
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: { ':token': { S: mark.token } },
    });
    return conditional(client.send(command, callOptions()));
  },
});
