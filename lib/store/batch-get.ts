import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BATCH_GET_KEYS, STORE_ATTEMPTS, STORE_BATCHES_IN_FLIGHT } from '../domain/limits.ts';
import { ServiceError } from '../errors.ts';
import { attempted, backOff, callOptions, type Item } from './dynamodb.ts';
import { chunksOf, mapInFlight } from './map-in-flight.ts';

const leftUnprocessed = (keys: number): ServiceError =>
  new ServiceError('STORE_THROTTLED', 'DynamoDB has left keys of a read unprocessed', {
    retryable: true,
    details: { keys },
  });

const getChunk = async (client: DynamoDBClient, table: string, keys: Item[]): Promise<Item[]> => {
  const found: Item[] = [];
  let wanted = keys;
  for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
    if (attempt > 0) await backOff(attempt);
    const get = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } },
    });
    const { Responses, UnprocessedKeys } = await attempted(() => client.send(get, callOptions()));
    found.push(...(Responses?.[table] ?? []));
    wanted = UnprocessedKeys?.[table]?.Keys ?? [];
    if (wanted.length === 0) return found;
  }
  throw leftUnprocessed(wanted.length);
};

/**
 * The items of these keys, each of which is named once, in any order; those that are not in the table are absent.
 * Consistent. Throws the client's `ServiceError`s.
 */
export const batchGet = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
): Promise<Item[]> => {
  const chunks = chunksOf(keys, BATCH_GET_KEYS);
  return (
    await mapInFlight(chunks, STORE_BATCHES_IN_FLIGHT, (chunk) => getChunk(client, table, chunk))
  ).flat();
};
