import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTables } from '../lambda-runtime/create-tables.ts';
import { packageService, REQUIRED, runFramework } from '../template/package-service.ts';
import { startMoto } from './moto.ts';

// moto has no Kafka to map, no roll-back and no RetainExceptOnCreate.
const PARAMS = { ...REQUIRED, trigger: 'off' };
const TABLES = ['behind', 'comets', 'dead-letters', 'fleet', 'leases', 'parked', 'rooms'].map(
  (name) => `goim-job-dev-${name}`,
);
const LETTERS = 'goim-job-dev-dead-letters';
const LETTER = { id: { S: 'goim-push-topic/0/2#malformed' } };

let moto: Awaited<ReturnType<typeof startMoto>>;
let lambda: LambdaClient;
let db: DynamoDBClient;
let env: Record<string, string>;

beforeEach(async () => {
  moto = await startMoto();
  env = {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
  };
  const client = {
    endpoint: moto.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  };
  lambda = new LambdaClient(client);
  db = new DynamoDBClient(client);
});
afterEach(async () => {
  lambda.destroy();
  db.destroy();
  await moto.close();
});

const deploy = (params: Record<string, string>, variables: Record<string, string> = {}): Promise<string> =>
  runFramework(['deploy'], params, { ...env, ...variables });
const remove = (): Promise<string> => runFramework(['remove'], {}, env);
const tables = async (): Promise<string[]> =>
  ((await db.send(new ListTablesCommand({}))).TableNames ?? []).toSorted();
const variablesOf = async (name: string): Promise<Record<string, string>> => {
  const command = new GetFunctionConfigurationCommand({ FunctionName: `goim-job-dev-${name}` });
  return (await lambda.send(command)).Environment?.Variables ?? {};
};
const putLetter = () => db.send(new PutItemCommand({ TableName: LETTERS, Item: LETTER }));
const readLetter = async () => (await db.send(new GetItemCommand({ TableName: LETTERS, Key: LETTER }))).Item;

test('a deploy makes all there is and invokes what runs all the time; the next one changes it and keeps what is in the tables', async () => {
  await deploy(PARAMS);
  expect(await tables()).toEqual(TABLES);
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  expect(Functions.map(({ FunctionName }) => FunctionName).toSorted()).toEqual([
    'goim-job-dev-deliver',
    'goim-job-dev-dispatch',
    'goim-job-dev-mergeRooms',
    'goim-job-dev-redeliver',
  ]);
  expect((await variablesOf('dispatch'))['MESSAGE_TTL_S']).toBe('0');
  await vi.waitFor(() =>
    expect(moto.invoked().toSorted()).toEqual(['goim-job-dev-mergeRooms', 'goim-job-dev-redeliver']),
  );

  await putLetter();
  await deploy({ ...PARAMS, deadLettersStream: 'on' }, { MESSAGE_TTL_S: '60' });
  expect((await variablesOf('dispatch'))['MESSAGE_TTL_S']).toBe('60');
  expect((await variablesOf('redeliver'))['MESSAGE_TTL_S']).toBe('60');
  expect(await readLetter()).toEqual(LETTER);
  await vi.waitFor(() => expect(moto.invoked().length).toBe(4));
});

test('a set that was removed is deployed again over the tables that it has left', async () => {
  const { resources } = await packageService(PARAMS);
  await createTables(db, resources);
  await putLetter();
  await deploy({ ...PARAMS, keptTables: 'on' });
  expect((await variablesOf('dispatch'))['DEAD_LETTERS_TABLE']).toBe(LETTERS);
  expect(await readLetter()).toEqual(LETTER);
  await remove();
  expect(await tables()).toEqual(TABLES);
  expect(await readLetter()).toEqual(LETTER);
  await expect(lambda.send(new ListFunctionsCommand({}))).resolves.toMatchObject({ Functions: [] });
});

test('what is wrong is said before anything is made', async () => {
  await expect(deploy({ ...PARAMS, subnetIds: 'foo' }, { MESSAGE_TTL_S: 'abc' })).rejects.toThrow(
    /--param subnetIds.*[\s\S]*MESSAGE_TTL_S/,
  );
  expect(await tables()).toEqual([]);
  const command = new DescribeTableCommand({ TableName: LETTERS });
  await expect(db.send(command)).rejects.toThrow();
});
