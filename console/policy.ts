const TABLES = {
  fleet: ['GetItem', 'Scan'],
  rooms: ['BatchGetItem', 'Scan'],
  behind: ['Scan'],
  parked: ['Query'],
  leases: ['GetItem'],
  'dead-letters': ['BatchGetItem', 'Scan'],
} as const;

const CHANGES = {
  parked: ['BatchWriteItem'],
  behind: ['GetItem', 'UpdateItem'],
  'dead-letters': ['DeleteItem'],
} as const;

const nameOf = (stage: string, what: string): string => `goim-job-${stage}-${what}`;

const onTable = (stage: string, table: string, actions: readonly string[]) => ({
  Effect: 'Allow',
  Action: actions.map((action) => `dynamodb:${action}`),
  Resource: `arn:aws:dynamodb:*:*:table/${nameOf(stage, table)}`,
});

/** The IAM policy that the console, or a status, of a stage needs: to read, and to replay and purge if it may. */
export const policyOf = (stage: string, canChange: boolean) => ({
  Version: '2012-10-17',
  Statement: [
    ...Object.entries(TABLES).map(([table, actions]) => onTable(stage, table, actions)),
    ...(canChange ? Object.entries(CHANGES).map(([table, actions]) => onTable(stage, table, actions)) : []),
    ...(canChange
      ? [
          {
            Effect: 'Allow',
            Action: ['lambda:InvokeFunction'],
            Resource: ['dispatch', 'redeliver'].map(
              (name) => `arn:aws:lambda:*:*:function:${nameOf(stage, name)}`,
            ),
          },
        ]
      : []),
  ],
});
