import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { BATCH_WRITE_ITEMS, STORE_ATTEMPTS, STORE_BATCHES_IN_FLIGHT } from '../domain/limits.ts';
import type { WriteStatus } from '../domain/write-status.ts';
import { ServiceError } from '../errors.ts';
import { backOff, callOptions, type Item } from './dynamodb.ts';
import { chunksOf, mapInFlight } from './map-in-flight.ts';

/** Puts the item, which holds its key too, or deletes the key where there is none. */
export interface ItemWrite {
  readonly key: Item;
  readonly item?: Item;
}

/** A status a write, in their order; `failure` is a reason why one was not written, if there is one. */
export interface BatchWritten {
  readonly statuses: readonly WriteStatus[];
  readonly failure: ServiceError | undefined;
}

interface ChunkWritten {
  /** The rest is written. */
  readonly left: readonly ItemWrite[];
  readonly failure: ServiceError | undefined;
}

const toRequest = ({ key, item }: ItemWrite): WriteRequest =>
  item === undefined ? { DeleteRequest: { Key: key } } : { PutRequest: { Item: item } };

const keyText = (key: Item, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => key[name]));

const stillLeft = (writes: readonly ItemWrite[], unprocessed: readonly WriteRequest[]): ItemWrite[] => {
  const names = Object.keys(writes[0]?.key ?? {});
  const keys = unprocessed.map(
    ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {},
  );
  const left = new Set(keys.map((key) => keyText(key, names)));
  return writes.filter(({ key }) => left.has(keyText(key, names)));
};

const notWritten = (): ServiceError =>
  new ServiceError('STORE_THROTTLED', 'DynamoDB has left writes unprocessed', { retryable: true });

const writeOnce = async (
  client: DynamoDBClient,
  table: string,
  writes: readonly ItemWrite[],
): Promise<ChunkWritten> => {
  const write = new BatchWriteItemCommand({ RequestItems: { [table]: writes.map(toRequest) } });
  try {
    const { UnprocessedItems } = await client.send(write, callOptions());
    const left = stillLeft(writes, UnprocessedItems?.[table] ?? []);
    return { left, failure: left.length === 0 ? undefined : notWritten() };
  } catch (failure) {
    if (failure instanceof ServiceError) return { left: writes, failure };
    throw failure;
  }
};

const writeChunk = async (
  client: DynamoDBClient,
  table: string,
  writes: readonly ItemWrite[],
  isOver: () => boolean,
): Promise<ChunkWritten> => {
  let result: ChunkWritten = { left: writes, failure: notWritten() };
  for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
    if (attempt > 0) await backOff(attempt);
    if (isOver()) return result;
    result = await writeOnce(client, table, result.left);
    if (result.failure?.code !== 'STORE_THROTTLED') return result;
  }
  return result;
};

/**
 * Writes that name each key once, in any order; what DynamoDB throttled or left unprocessed is asked for again.
 * No request starts later than `startWithinMs` from now, and none takes longer than `STORE_CALL_MS`.
 */
export const batchWrite = async (
  client: DynamoDBClient,
  table: string,
  writes: readonly ItemWrite[],
  { startWithinMs }: { startWithinMs: number },
): Promise<BatchWritten> => {
  const end = performance.now() + startWithinMs;
  const isOver = (): boolean => performance.now() >= end;
  const chunks = chunksOf(writes, BATCH_WRITE_ITEMS);
  const results = await mapInFlight(chunks, STORE_BATCHES_IN_FLIGHT, (chunk) =>
    writeChunk(client, table, chunk, isOver),
  );
  const statusByWrite = new Map<ItemWrite, WriteStatus>();
  for (const { left, failure } of results)
    for (const write of left)
      statusByWrite.set(write, failure?.code === 'STORE_UNANSWERED' ? 'unknown' : 'unwritten');
  return {
    statuses: writes.map((write) => statusByWrite.get(write) ?? 'written'),
    failure: results.find(({ failure }) => failure !== undefined)?.failure,
  };
};
