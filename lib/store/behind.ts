import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Mark } from '../domain/mark.ts';
import { ServiceError } from '../errors.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';
import { scanPages } from './scan.ts';

/** The `Behind` table, for who parks. */
export interface BehindWriter {
  /** The marks of one partition. Consistent. */
  readPartition(partition: string): Promise<Mark[]>;
  /** Sets `parkedThrough` to the larger of old and new, with the new token, in one update. True if the mark may be a new one. */
  raise(mark: Mark): Promise<boolean>;
}

export interface BehindTable {
  /** Consistent. */
  readMark(partition: string, comet: string): Promise<Mark | undefined>;
  /** The partitions that a comet is behind on, from the index: what changed in the last moment may be missing. */
  partitionsOf(comet: string): Promise<string[]>;
  /** The whole table, consistently. */
  scan(): Promise<Mark[]>;
  /** False if the mark was raised since it was read, or is gone. */
  remove(mark: Mark): Promise<boolean>;
}

const INDEX = 'by-comet';

const keyOf = ({ partition, comet }: Pick<Mark, 'partition' | 'comet'>): Item => ({
  partition: { S: partition },
  comet: { S: comet },
});

const markOf = (item: Item): Mark => ({
  partition: item['partition']?.S ?? '',
  comet: item['comet']?.S ?? '',
  parkedThrough: Number(item['parkedThrough']?.N ?? 0),
  token: item['token']?.S ?? '',
});

/** Of each outcome that is possible between two attempts; who asks again sees what the other one did. */
const RAISES = 5;

const notRaised = (): ServiceError =>
  new ServiceError('STORE_FAILED', 'A mark could not be raised: it came and went each time', {
    retryable: true,
  });

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
export const createBehindWriter = (client: DynamoDBClient, table: string): BehindWriter => {
  /** One update of the mark: by a new offset, or of a mark that is higher already. Undefined: the condition did not hold. */
  const update = async (mark: Mark, by: 'offset' | 'token'): Promise<boolean | undefined> => {
    let attempts = 0;
    let isNew = false;
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyOf(mark),
      UpdateExpression: by === 'offset' ? 'SET #token = :token, #through = :through' : 'SET #token = :token',
      ConditionExpression:
        by === 'offset' ? 'attribute_not_exists(#through) OR #through <= :through' : '#through > :through',
      ExpressionAttributeNames: { '#token': 'token', '#through': 'parkedThrough' },
      ExpressionAttributeValues: {
        ':token': { S: mark.token },
        ':through': { N: String(mark.parkedThrough) },
      },
      ReturnValues: 'UPDATED_OLD',
    });
    const held = await conditional(
      attempted(async () => {
        attempts += 1;
        const { Attributes } = await client.send(command, callOptions());
        // An attempt that was not answered may have made the mark.
        isNew = Attributes?.['parkedThrough'] === undefined || attempts > 1;
      }),
    );
    return held ? isNew && by === 'offset' : undefined;
  };

  return {
    readPartition: async (partition) =>
      (await queryMarks(client, { TableName: table, ConsistentRead: true }, 'partition', partition)).map(
        markOf,
      ),

    raise: async (mark) => {
      for (let raises = 0; raises < RAISES; raises++) {
        const isNew = (await update(mark, 'offset')) ?? (await update(mark, 'token'));
        if (isNew !== undefined) return isNew;
      }
      throw notRaised();
    },
  };
};

export const createBehindTable = (client: DynamoDBClient, table: string): BehindTable => ({
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

  scan: async () => {
    const marks: Mark[] = [];
    for await (const items of scanPages(client, table)) marks.push(...items.map(markOf));
    return marks;
  },

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
