import { expect, test } from 'vitest';
import { useKeptTables } from '../../deploy/kept-tables.ts';

const ARN = `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/goim-job-dev-behind`;

test('tables that are there are not made, and are referred to by their names', () => {
  const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'goim-job-dev-behind' } };
  const resourcesOf = (own: unknown, index: unknown) => ({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [
          { Resource: own },
          { Resource: index },
          { Resource: { 'Fn::GetAtt': ['DeliverFunction', 'Arn'] } },
        ],
        Text: `\${Other.Arn}`,
      },
    },
  });
  const template = {
    Resources: {
      BehindTable: table,
      ...resourcesOf(
        { 'Fn::GetAtt': ['BehindTable', 'Arn'] },
        { 'Fn::Sub': `\${BehindTable.Arn}/index/by-comet` },
      ),
    },
    Outputs: {},
  };
  useKeptTables(template);
  expect(template.Resources).toEqual(resourcesOf({ 'Fn::Sub': ARN }, { 'Fn::Sub': `${ARN}/index/by-comet` }));
});
