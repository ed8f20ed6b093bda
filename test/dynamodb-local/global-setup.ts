import { startDynamoDbLocal } from './start.ts';

/** One for the whole run; `test/tables.ts` empties it. */
export default async () => {
  const { endpoint, close } = await startDynamoDbLocal();
  process.env['DYNAMODB_LOCAL'] = endpoint;
  return close;
};
