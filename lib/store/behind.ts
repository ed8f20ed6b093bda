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
  /**
   * Sets `parkedThrough` to the larger of old and new, with a new token made of the mark's, in one update. True if the mark may be a new one,
   * or one that was made before its comet was in the fleet: then nobody has been woken for it.
   */
  raise(mark: Mark, isInFleet: boolean): Promise<boolean>;
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

/** The mark by its new offset; or only its token, where the offset is higher already. */
const raiseOf = (table: string, mark: Mark, isInFleet: boolean, by: 'offset' | 'token') => {
  const sets = [
    '#token = :token',
    ...(by === 'offset' ? ['#through = :through'] : []),
    ...(isInFleet ? ['#woken = :true'] : []),
  ];
  const isLower = 'attribute_not_exists(#through) OR #through <= :through';
  return new UpdateItemCommand({
    TableName: table,
    Key: keyOf(mark),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: by === 'offset' ? isLower : '#through > :through',
    ExpressionAttributeNames: {
      '#token': 'token',
      '#through': 'parkedThrough',
      ...(isInFleet ? { '#woken': 'woken' } : {}),
    },
    ExpressionAttributeValues: {
      ':token': { S: mark.token },
      ':through': { N: String(mark.parkedThrough) },
      ...(isInFleet ? { ':true': { BOOL: true } } : {}),
    },
    ReturnValues: 'UPDATED_OLD',
  });
};

/** Apart from its deletes, so that a writer's bundle and role have none. */
export const createBehindWriter = (client: DynamoDBClient, table: string): BehindWriter => {
  /** Undefined: the condition did not hold. */
  const update = async (
    nextMark: () => Mark,
    isInFleet: boolean,
    by: 'offset' | 'token',
  ): Promise<boolean | undefined> => {
    let attempts = 0;
    let isNew = false;
    const held = await conditional(
      attempted(async () => {
        attempts += 1;
        const command = raiseOf(table, nextMark(), isInFleet, by);
        const { Attributes: old } = await client.send(command, callOptions());
        // An attempt that was not answered may have made the mark.
        isNew = attempts > 1 || old?.[isInFleet ? 'woken' : 'token'] === undefined;
      }),
    );
    return held ? isNew : undefined;
  };

  return {
    readPartition: async (partition) =>
      (await queryMarks(client, { TableName: table, ConsistentRead: true }, 'partition', partition)).map(
        markOf,
      ),

    raise: async (mark, isInFleet) => {
      // A token a request: one that was not answered and lands late must not bring back the token of a mark that was read since.
      let requests = 0;
      const nextMark = (): Mark => ({ ...mark, token: `${mark.token}.${++requests}` });
      for (let raises = 0; raises < RAISES; raises++) {
        const isNew =
          (await update(nextMark, isInFleet, 'offset')) ?? (await update(nextMark, isInFleet, 'token'));
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
