import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { startInvokeApi } from '../../local/invoke-api/invoke-api.ts';
import { startDynamoDbLocal } from '../dynamodb-local/start.ts';
import { startSecretsManager } from '../secrets/fake-secrets-manager.ts';
import { openTestDynamoDb } from '../store/test-dynamodb.ts';
import { createTables } from './create-tables.ts';
import { packageFunctions } from './package-functions.ts';
import { createSandboxes } from './sandboxes.ts';
import { emulator, runtimeClient } from './tools.ts';

/**
 * The packaged functions under Lambda's own runtime, with DynamoDB Local for their tables and an Invoke API between them.
 * Packaged with these variables, as from a shell, and parameters.
 */
export const startLambdaSet = async (
  variables: Record<string, string>,
  parameters: Record<string, string> = {},
) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'goim-job-lambda-'));
  const [{ functions, resources }, tables, secrets] = await Promise.all([
    packageFunctions(folder, variables, parameters),
    startDynamoDbLocal(),
    startSecretsManager(),
    // The first time they take longer than a test may wait.
    emulator(),
    runtimeClient(),
  ]);
  const client = openTestDynamoDb(tables.endpoint);
  const tableNames = await createTables(client, resources);
  const keyByName = new Map(Object.entries(functions).map(([key, { name }]) => [name, key]));
  const lambda = await startInvokeApi((name, event) => sandboxes.invoke(keyByName.get(name) ?? name, event));
  const sandboxes = createSandboxes(functions, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  });
  return {
    invoke: sandboxes.invoke,
    update: sandboxes.update,
    output: sandboxes.output,
    functions,
    /** What stands in Secrets Manager, by ARN. */
    secrets: secrets.texts,
    /** Every item of a table, by its logical id in serverless.yml. */
    scan: async (id: string): Promise<Record<string, AttributeValue>[]> => {
      const scan = new ScanCommand({ TableName: tableNames[id], ConsistentRead: true });
      return (await client.send(scan)).Items ?? [];
    },
    close: async (): Promise<void> => {
      await lambda.close();
      await sandboxes.close();
      client.destroy();
      await Promise.all([tables.close(), secrets.close()]);
      await rm(folder, { recursive: true });
    },
  };
};

export type LambdaSet = Awaited<ReturnType<typeof startLambdaSet>>;
