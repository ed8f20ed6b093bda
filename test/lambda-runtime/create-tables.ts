import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  type UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Resource } from '../template/package-service.ts';

type TableProperties = CreateTableCommandInput &
  Pick<UpdateTimeToLiveCommandInput, 'TimeToLiveSpecification'>;

/** The tables of a packaged template, as CloudFormation would make them; answers their names by logical id. */
export const createTables = async (
  client: DynamoDBClient,
  resources: Readonly<Record<string, Resource>>,
): Promise<Record<string, string>> => {
  const tables = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table');
  const names: Record<string, string> = {};
  for (const [id, { Properties }] of tables) {
    const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, ...rest } =
      Properties as unknown as TableProperties;
    const table = { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
    await client.send(new CreateTableCommand(table));
    const { TimeToLiveSpecification } = rest;
    if (TimeToLiveSpecification !== undefined)
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    names[id] = String(TableName);
  }
  return names;
};
