import { DeleteTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createTables, startTables } from '../local/tables.ts';
import { openTestDynamoDb } from './store/test-dynamodb.ts';

export type TestTables = Awaited<ReturnType<typeof startTables>>;

/** Where Amazon's DynamoDB Local stands in for the embedded one, one file after the other: `npm run test:lambda`. */
const local = process.env['DYNAMODB_LOCAL'];

const emptied = async (endpoint: string): Promise<TestTables> => {
  const client = openTestDynamoDb(endpoint);
  const { TableNames = [] } = await client.send(new ListTablesCommand());
  for (const TableName of TableNames) await client.send(new DeleteTableCommand({ TableName }));
  client.destroy();
  await createTables(endpoint);
  return { endpoint, close: async () => {} };
};

/** The tables that serverless.yml declares, empty. */
export const startTestTables = (): Promise<TestTables> =>
  local === undefined ? startTables() : emptied(local);
