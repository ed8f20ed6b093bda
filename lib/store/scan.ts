import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { attempted, callOptions, type Item } from './dynamodb.ts';

/** The whole table, consistently, a page (1 MB) at a time. Throws the client's `ServiceError`s. */
export const scanPages = async function* (client: DynamoDBClient, table: string): AsyncGenerator<Item[]> {
  let from: Item | undefined;
  do {
    const scan = new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from });
    const { Items = [], LastEvaluatedKey } = await attempted(() => client.send(scan, callOptions()));
    yield Items;
    from = LastEvaluatedKey;
  } while (from !== undefined);
};
