import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { parse } from 'yaml';
import { KEEP_ALIVE_MS } from './listening.ts';

interface Template {
  readonly service: string;
  readonly resources: {
    readonly Resources: Record<
      string,
      { Type: string; Properties: CreateTableCommandInput & { TableName: string } }
    >;
  };
}

/** CloudFormation's tags stay unresolved; no table needs one. */
const readTemplate = (): Template =>
  parse(readFileSync(new URL('../serverless.yml', import.meta.url), 'utf8'), { logLevel: 'error' });

const resolveName = (name: string, service: string, stage: string): string => {
  const resolved = name.replaceAll(/\$\{self:service\}/g, service).replaceAll(/\$\{sls:stage\}/g, stage);
  if (resolved.includes('${'))
    throw new Error(`serverless.yml: no value for a variable of the table name ${name}`);
  return resolved;
};

/** The tables that serverless.yml declares, by logical id; of each, what the embedded DynamoDB knows. */
const readTables = (stage: string): Map<string, CreateTableCommandInput & { TableName: string }> => {
  const { service, resources } = readTemplate();
  const tables = Object.entries(resources.Resources).filter(
    ([, { Type }]) => Type === 'AWS::DynamoDB::Table',
  );
  return new Map(
    tables.map(([id, { Properties }]) => {
      const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = Properties;
      const name = resolveName(TableName, service, stage);
      return [id, { TableName: name, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes }];
    }),
  );
};

/** Table names by logical id of serverless.yml, such as `FleetTable`. */
export const tableNames = (stage = 'dev'): Record<string, string> =>
  Object.fromEntries([...readTables(stage)].map(([id, { TableName }]) => [id, TableName]));

/** Those tables, in a DynamoDB that has none of them. */
export const createTables = async (endpoint: string, stage = 'dev'): Promise<void> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  try {
    for (const table of readTables(stage).values()) await client.send(new CreateTableCommand(table));
  } finally {
    client.destroy();
  }
};

/** An embedded DynamoDB with those tables, empty; port 0 takes any. Rejects if the port is taken. */
export const startTables = async ({
  host = '127.0.0.1',
  port = 0,
  stage = 'dev',
}: {
  host?: string;
  port?: number;
  stage?: string;
} = {}): Promise<{ endpoint: string; close(): Promise<void> }> => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  await once(server, 'listening');
  const endpoint = `http://${host}:${(server.address() as AddressInfo).port}`;
  // dynalite's own close closes its data base under requests that are still at work, which then throw where nobody catches it.
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      Server.prototype.close.call(server, (error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  await createTables(endpoint, stage);
  return { endpoint, close };
};
