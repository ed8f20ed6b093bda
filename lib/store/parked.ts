import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { MAX_RUN_ITEM_BYTES, MAX_TURN_BYTES, STORE_WRITES_MS } from '../domain/limits.ts';
import type { ParkedRun } from '../domain/parked-run.ts';
import { ServiceError } from '../errors.ts';
import { batchWrite, type ItemWrite } from './batch-write.ts';
import { attempted, callOptions, conditional, type Item } from './dynamodb.ts';
import { decodeRun, encodeRun } from './run-codec.ts';

/** Runs in offset order; `complete`: there are no more. */
export interface ParkedPage {
  readonly runs: readonly ParkedRun[];
  readonly complete: boolean;
}

/** The `Parked` table, for who parks. */
export interface ParkedWriter {
  /** Answers those that no item can hold. Rejects with the store's errors unless all others are stored. */
  put(runs: readonly ParkedRun[]): Promise<ParkedRun[]>;
}

export interface ParkedTable extends ParkedWriter {
  /** Consistent; of one queue, from its beginning, about `MAX_TURN_BYTES`. Throws `PAYLOAD_INVALID` and `PAYLOAD_VERSION`. */
  read(comet: string, partition: string): Promise<ParkedPage>;
  remove(runs: readonly ParkedRun[]): Promise<void>;
  /** Puts what is left of a run in its place; a run that is gone stays gone. */
  rewrite(run: ParkedRun): Promise<void>;
}

type QueueKey = Pick<ParkedRun, 'comet' | 'partition'>;

const queueOf = ({ comet, partition }: QueueKey): string => `${comet}#${partition}`;

const keyOf = (run: ParkedRun): Item => ({ queue: { S: queueOf(run) }, run: { S: run.run } });

const itemOf = (run: ParkedRun, ops = encodeRun(run.ops)): Item => ({
  ...keyOf(run),
  ops: { B: ops },
  parkedAt: { N: String(run.parkedAt) },
  ...(run.replayed ? { replayed: { BOOL: true } } : {}),
});

const unreadable = (queue: string, run: string, problem: string, newer: boolean): ServiceError =>
  new ServiceError(newer ? 'PAYLOAD_VERSION' : 'PAYLOAD_INVALID', `A parked run cannot be read: ${problem}`, {
    retryable: newer,
    details: { queue, run },
  });

const runOf = (key: QueueKey, item: Item): ParkedRun => {
  const run = item['run']?.S ?? '';
  const decoded = decodeRun(item['ops']?.B ?? new Uint8Array());
  if ('problem' in decoded) throw unreadable(queueOf(key), run, decoded.problem, decoded.newer);
  return {
    ...key,
    run,
    parkedAt: Number(item['parkedAt']?.N ?? 0),
    replayed: item['replayed']?.BOOL ?? false,
    ops: decoded.ops,
  };
};

/** An op's ids, numbers and punctuation beside its body, or one of its keys, roughly. */
const OP_BYTES = 200;
const bytesOf = ({ ops }: ParkedRun): number =>
  ops.reduce((sum, op) => sum + op.body.length + OP_BYTES * (op.type === 'push' ? op.keys.length : 1), 0);

/** Inflated, a page of the table may be a thousand times larger: only as many runs as a turn takes. */
const readRuns = (key: QueueKey, items: readonly Item[]): ParkedRun[] => {
  const runs: ParkedRun[] = [];
  let bytes = 0;
  for (const item of items) {
    if (bytes >= MAX_TURN_BYTES) break;
    const run = runOf(key, item);
    runs.push(run);
    bytes += bytesOf(run);
  }
  return runs;
};

const writeAll = async (
  client: DynamoDBClient,
  table: string,
  writes: readonly ItemWrite[],
): Promise<void> => {
  if (writes.length === 0) return;
  const { failure } = await batchWrite(client, table, writes, { startWithinMs: STORE_WRITES_MS });
  if (failure !== undefined) throw failure;
};

/** Apart from its reads, so that a writer's bundle and role have none. */
export const createParkedWriter = (client: DynamoDBClient, table: string): ParkedWriter => ({
  put: async (runs) => {
    const tooLarge: ParkedRun[] = [];
    const writes: ItemWrite[] = [];
    for (const run of runs) {
      const ops = encodeRun(run.ops);
      if (ops.length > MAX_RUN_ITEM_BYTES) tooLarge.push(run);
      else writes.push({ key: keyOf(run), item: itemOf(run, ops) });
    }
    await writeAll(client, table, writes);
    return tooLarge;
  },
});

export const createParkedTable = (client: DynamoDBClient, table: string): ParkedTable => ({
  ...createParkedWriter(client, table),

  read: async (comet, partition) => {
    const key = { comet, partition };
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#queue = :queue',
      ExpressionAttributeNames: { '#queue': 'queue' },
      ExpressionAttributeValues: { ':queue': { S: queueOf(key) } },
      ConsistentRead: true,
    });
    const { Items = [], LastEvaluatedKey } = await attempted(() => client.send(query, callOptions()));
    const runs = readRuns(key, Items);
    return { runs, complete: LastEvaluatedKey === undefined && runs.length === Items.length };
  },

  remove: (runs) =>
    writeAll(
      client,
      table,
      runs.map((run) => ({ key: keyOf(run) })),
    ),

  rewrite: async (run) => {
    const put = new PutItemCommand({
      TableName: table,
      Item: itemOf(run),
      ConditionExpression: 'attribute_exists(queue)',
    });
    await conditional(attempted(() => client.send(put, callOptions())));
  },
});
