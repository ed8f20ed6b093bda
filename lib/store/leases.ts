import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Lease } from '../domain/lease.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';

export interface LeasesTable {
  /** Consistent. */
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free, ran out before `ranOutBefore`, or is the owner's own. One attempt. */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  /** What the owner was woken for since the last time; undefined if the lease is not its any more. One attempt. */
  renew(lease: Lease): Promise<readonly string[] | undefined>;
  /** False if the lease is not the owner's any more, or if it was woken since it renewed. One attempt. */
  release(name: string, owner: string): Promise<boolean>;
  /** Tells the owner of more work; false if there is no owner. */
  wake(name: string, work: readonly string[]): Promise<boolean>;
}

const SET = 'SET #owner = :owner, #until = :until, #endsAt = :endsAt';
const NAMES = { '#owner': 'owner', '#until': 'until', '#endsAt': 'endsAt' };
const OWN = '#owner = :owner';
const WAKE = { '#wake': 'wake' };

const leaseOf = (item: Item): Lease => ({
  name: item['name']?.S ?? '',
  owner: item['owner']?.S ?? '',
  until: Number(item['until']?.N ?? 0),
  endsAt: Number(item['endsAt']?.N ?? 0),
});

const keyOf = (name: string): Item => ({ name: { S: name } });

const updateOf = (
  table: string,
  { name, owner, until, endsAt }: Lease,
  values: Record<string, AttributeValue> = {},
) => ({
  TableName: table,
  Key: keyOf(name),
  ExpressionAttributeValues: {
    ':owner': { S: owner },
    ':until': { N: String(until) },
    ':endsAt': { N: String(endsAt) },
    ...values,
  },
});

const readLease = async (client: DynamoDBClient, table: string, name: string): Promise<Lease | undefined> => {
  const get = new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true });
  const { Item } = await attempted(() => client.send(get, callOptions()));
  return Item === undefined ? undefined : leaseOf(Item);
};

/** The `Leases` table. Updates, never puts: an item may hold more than its lease. */
export const createLeasesTable = (client: DynamoDBClient, table: string): LeasesTable => ({
  read: (name) => readLease(client, table, name),

  acquire: (lease, ranOutBefore) => {
    const command = new UpdateItemCommand({
      ...updateOf(table, lease, { ':ranOutBefore': { N: String(ranOutBefore) } }),
      UpdateExpression: SET,
      ConditionExpression: `attribute_not_exists(#owner) OR #until < :ranOutBefore OR ${OWN}`,
      ExpressionAttributeNames: NAMES,
    });
    return conditional(client.send(command, callOptions()));
  },

  renew: async (lease) => {
    let woken: readonly string[] = [];
    const command = new UpdateItemCommand({
      ...updateOf(table, lease),
      UpdateExpression: `${SET} REMOVE #wake`,
      ConditionExpression: OWN,
      ExpressionAttributeNames: { ...NAMES, ...WAKE },
      ReturnValues: 'ALL_OLD',
    });
    const held = await conditional(
      client.send(command, callOptions()).then(({ Attributes }) => {
        woken = Attributes?.['wake']?.SS ?? [];
      }),
    );
    return held ? woken : undefined;
  },

  release: (name, owner) => {
    const command = new DeleteItemCommand({
      TableName: table,
      Key: keyOf(name),
      ConditionExpression: `${OWN} AND attribute_not_exists(#wake)`,
      ExpressionAttributeNames: { '#owner': 'owner', ...WAKE },
      ExpressionAttributeValues: { ':owner': { S: owner } },
    });
    return conditional(client.send(command, callOptions()));
  },

  wake: (name, work) => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyOf(name),
      UpdateExpression: 'ADD #wake :work',
      ConditionExpression: 'attribute_exists(#owner)',
      ExpressionAttributeNames: { '#owner': 'owner', ...WAKE },
      ExpressionAttributeValues: { ':work': { SS: [...work] } },
    });
    return conditional(client.send(command, callOptions()));
  },
});
