import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';

/** Who may work, and until when; `endsAt` is when the owner plans to end. Times in ms. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly until: number;
  readonly endsAt: number;
}

export interface LeasesTable {
  /** Consistent. */
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free, ran out before `ranOutBefore`, or is the owner's own. One attempt. */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  /** False if the lease is not the owner's any more. One attempt. */
  renew(lease: Lease): Promise<boolean>;
  /** False if the lease is not the owner's any more. One attempt. */
  release(name: string, owner: string): Promise<boolean>;
}

const SET = 'SET #owner = :owner, #until = :until, #endsAt = :endsAt';
const NAMES = { '#owner': 'owner', '#until': 'until', '#endsAt': 'endsAt' };
const OWN = '#owner = :owner';

const leaseOf = (item: Item): Lease => ({
  name: item['name']?.S ?? '',
  owner: item['owner']?.S ?? '',
  until: Number(item['until']?.N ?? 0),
  endsAt: Number(item['endsAt']?.N ?? 0),
});

/** The `Leases` table. Updates, never puts: an item may hold more than its lease. */
export const createLeasesTable = (client: DynamoDBClient, table: string): LeasesTable => {
  const update = (
    { name, owner, until, endsAt }: Lease,
    condition: string,
    values: Record<string, AttributeValue> = {},
  ): Promise<boolean> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: { name: { S: name } },
      UpdateExpression: SET,
      ConditionExpression: condition,
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: {
        ':owner': { S: owner },
        ':until': { N: String(until) },
        ':endsAt': { N: String(endsAt) },
        ...values,
      },
    });
    return conditional(client.send(command, callOptions()));
  };

  return {
    read: async (name) => {
      const get = new GetItemCommand({ TableName: table, Key: { name: { S: name } }, ConsistentRead: true });
      const { Item } = await attempted(() => client.send(get, callOptions()));
      return Item === undefined ? undefined : leaseOf(Item);
    },

    acquire: (lease, ranOutBefore) =>
      update(lease, `attribute_not_exists(#owner) OR #until < :ranOutBefore OR ${OWN}`, {
        ':ranOutBefore': { N: String(ranOutBefore) },
      }),

    renew: (lease) => update(lease, OWN),

    release: (name, owner) =>
      conditional(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: { name: { S: name } },
            ConditionExpression: OWN,
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': { S: owner } },
          }),
          callOptions(),
        ),
      ),
  };
};
