import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Lease } from '../domain/lease.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';

export interface Renewal {
  /** What the owner was woken for since the last time. */
  readonly woken: readonly string[];
  /** Another code or configuration wants the lease. */
  readonly isAsked: boolean;
}

export interface LeasesTable {
  /** Consistent. */
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free (`mayTake`). One attempt. */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  /** Undefined if the lease is not the owner's any more. One attempt. */
  renew(lease: Lease): Promise<Renewal | undefined>;
  /** Asks the owner to give it up, if `mayAsk`. One attempt. */
  ask(lease: Lease): Promise<boolean>;
  /** Leaves it to who has asked, with what the owner was woken for; false if it is not the owner's any more. One attempt. */
  giveUp(name: string, owner: string): Promise<boolean>;
  /** False if the lease is not the owner's any more, or if it was woken since it renewed. One attempt. */
  release(name: string, owner: string): Promise<boolean>;
  /** Tells the owner, or who comes after it, of more work; false if the lease was released. */
  wake(name: string, work: readonly string[]): Promise<boolean>;
}

const SET = 'SET #owner = :owner, #fingerprint = :fingerprint, #until = :until, #endsAt = :endsAt';
const OWN = '#owner = :owner';
const GIVEN_UP_FOR_IT = 'attribute_not_exists(#owner) AND (attribute_not_exists(#ask) OR #ask <= :owner)';
const MAY_TAKE = `(${GIVEN_UP_FOR_IT}) OR #until < :ranOutBefore OR ${OWN}`;
const MAY_ASK =
  '#owner < :owner AND #fingerprint <> :fingerprint AND (attribute_not_exists(#ask) OR #ask < :owner)';

const leaseOf = (item: Item): Lease => ({
  name: item['name']?.S ?? '',
  owner: item['owner']?.S ?? '',
  fingerprint: item['fingerprint']?.S ?? '',
  until: Number(item['until']?.N ?? 0),
  endsAt: Number(item['endsAt']?.N ?? 0),
  ask: item['ask']?.S,
});

const keyOf = (name: string): Item => ({ name: { S: name } });

const stringOf = (text: string): AttributeValue => ({ S: text });
const numberOf = (value: number): AttributeValue => ({ N: String(value) });

interface Change {
  readonly update: string;
  readonly condition: string;
  readonly values: Record<string, AttributeValue>;
}

const ATTRIBUTES = /#(\w+)/g;

const namesIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(ATTRIBUTES)].map(([placeholder, name = '']) => [placeholder, name]));

const commandOf = (table: string, name: string, { update, condition, values }: Change): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName: table,
    Key: keyOf(name),
    UpdateExpression: update,
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(update + condition),
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_OLD',
  });

const held = ({ owner, fingerprint, until, endsAt }: Lease): Record<string, AttributeValue> => ({
  ':owner': stringOf(owner),
  ':fingerprint': stringOf(fingerprint),
  ':until': numberOf(until),
  ':endsAt': numberOf(endsAt),
});

const readLease = async (client: DynamoDBClient, table: string, name: string): Promise<Lease | undefined> => {
  const get = new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true });
  const { Item } = await attempted(() => client.send(get, callOptions()));
  return Item === undefined ? undefined : leaseOf(Item);
};

const changesOf = {
  acquire: (lease: Lease, ranOutBefore: number): Change => ({
    update: `${SET} REMOVE #ask`,
    condition: MAY_TAKE,
    values: { ...held(lease), ':ranOutBefore': numberOf(ranOutBefore) },
  }),
  renew: (lease: Lease): Change => ({ update: `${SET} REMOVE #wake`, condition: OWN, values: held(lease) }),
  ask: ({ owner, fingerprint }: Lease): Change => ({
    update: 'SET #ask = :owner',
    condition: MAY_ASK,
    values: { ':owner': stringOf(owner), ':fingerprint': stringOf(fingerprint) },
  }),
  // What is left of `until` is for who has asked; then it is anybody's.
  giveUp: (owner: string): Change => ({
    update: 'REMOVE #owner, #fingerprint, #endsAt',
    condition: OWN,
    values: { ':owner': stringOf(owner) },
  }),
  wake: (work: readonly string[]): Change => ({
    update: 'ADD #wake :work',
    condition: 'attribute_exists(#until)',
    values: { ':work': { SS: [...work] } },
  }),
};

/** The `Leases` table. Updates, never puts: an item may hold more than its lease. */
export const createLeasesTable = (client: DynamoDBClient, table: string): LeasesTable => {
  const change = (name: string, what: Change): Promise<boolean> =>
    conditional(client.send(commandOf(table, name, what), callOptions()));
  return {
    read: (name) => readLease(client, table, name),
    acquire: (lease, ranOutBefore) => change(lease.name, changesOf.acquire(lease, ranOutBefore)),
    renew: async (lease) => {
      let old: Item = {};
      const command = commandOf(table, lease.name, changesOf.renew(lease));
      const isHeld = await conditional(
        client.send(command, callOptions()).then(({ Attributes = {} }) => {
          old = Attributes;
        }),
      );
      return isHeld ? { woken: old['wake']?.SS ?? [], isAsked: old['ask'] !== undefined } : undefined;
    },
    ask: (lease) => change(lease.name, changesOf.ask(lease)),
    giveUp: (name, owner) => change(name, changesOf.giveUp(owner)),
    release: (name, owner) => {
      const condition = `${OWN} AND attribute_not_exists(#wake)`;
      const command = new DeleteItemCommand({
        TableName: table,
        Key: keyOf(name),
        ConditionExpression: condition,
        ExpressionAttributeNames: namesIn(condition),
        ExpressionAttributeValues: { ':owner': stringOf(owner) },
      });
      return conditional(client.send(command, callOptions()));
    },
    wake: (name, work) => change(name, changesOf.wake(work)),
  };
};
