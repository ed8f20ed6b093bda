import { beforeAll, describe, expect, test } from 'vitest';
import {
  COMET_CALL_MS,
  DELIVERY_MS,
  INVOKE_CLIENT_MS,
  LEASE_MS,
  MERGE_END_MS,
  PROBE_LAST_MS,
  REDELIVER_END_MS,
  SETTLE_MS,
  STORE_CALL_MS,
  STORE_WRITES_MS,
  WRITE_LIFE_MS,
} from '../../lib/domain/limits.ts';
import { testAlarms } from './alarms.ts';
import { type Packaged, packageService, REQUIRED, resourcesOf } from './package-service.ts';
import { testVariables } from './variables.ts';

/** What a deployer sets in the shell, each as it could not be by default. */
const VARIABLES = {
  DELIVERY: 'inline',
  ROOM_ROUTING: 'all',
  MESSAGE_TTL_S: '3600',
  COMET_TOKEN: 'the-token',
  REGISTRY: 'discovery',
  COMETS: '{"comet-1":["http://10.0.0.5:3108"]}',
  DISCOVERY_URLS: 'http://10.0.0.9:7171',
  DISCOVERY_APPID: 'live.comet',
  DISCOVERY_ENV: 'prod',
  DISCOVERY_ZONE: 'sh002',
};

const TOPIC = 'arn:aws:sns:eu-west-1:210987654321:pager';

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: unknown;
}
interface Policy {
  readonly PolicyDocument: { readonly Statement: Statement[] };
}

let onDemand: Packaged;
let provisioned: Packaged;

beforeAll(async () => {
  [onDemand, provisioned] = await Promise.all([
    packageService(REQUIRED),
    packageService(
      {
        ...REQUIRED,
        clusterArn: 'arn:aws:kafka:eu-west-1:210987654321:cluster/live-2/9a8b7c6d-5',
        topic: 'KafkaPushsTopic',
        consumerGroupId: 'group-2',
        startingPosition: 'TRIM_HORIZON',
        batchSize: '500',
        windowS: '0',
        minimumPollers: '1',
        maximumPollers: '2',
        alarmTopicArn: TOPIC,
        offsetLagAlarm: '50000',
      },
      VARIABLES,
    ),
  ]);
}, 120_000);

const functionOf = (packaged: Packaged, name: string): Record<string, unknown> => {
  const found = packaged.resources[`${name}LambdaFunction`];
  if (found === undefined) throw new Error(`no function ${name}`);
  return found.Properties;
};
/** The beginning of an ARN, as CloudFormation fills it in. */
const ofAccount = (service: string): string =>
  ['arn', 'AWS::Partition', service, 'AWS::Region', 'AWS::AccountId']
    .map((part) => (part.includes('::') ? `\${${part}}` : part))
    .join(':');
const statementsOf = (packaged: Packaged, name: string): Statement[] => {
  const role = packaged.resources[`${name}Role`];
  const [policy, ...others] = (role?.Properties['Policies'] ?? []) as Policy[];
  expect(others).toEqual([]);
  return policy?.PolicyDocument.Statement ?? [];
};
const triggerOf = (packaged: Packaged): Record<string, unknown> => {
  const triggers = resourcesOf(packaged, 'AWS::Lambda::EventSourceMapping');
  expect(triggers.length).toBe(1);
  return triggers[0]?.Properties ?? {};
};
const FUNCTIONS = ['Dispatch', 'Deliver', 'Redeliver', 'MergeRooms'];

describe('the functions', () => {
  test.each(FUNCTIONS)(
    '%s runs on Node 24 and arm64, in the VPC, with a role of its own and logs that end',
    (name) => {
      expect(functionOf(onDemand, name)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
        VpcConfig: {
          SubnetIds: { 'Fn::Split': [',', REQUIRED['subnetIds']] },
          SecurityGroupIds: { 'Fn::Split': [',', REQUIRED['securityGroupIds']] },
        },
      });
      expect(onDemand.resources[`${name}LogGroup`]?.Properties).toMatchObject({ RetentionInDays: 14 });
    },
  );

  test.each([
    ['Dispatch', 1024, 60],
    ['Deliver', 512, 15],
    ['Redeliver', 512, 900],
    ['MergeRooms', 256, 900],
  ])('%s has the memory, MB, and the time, s, that it was measured with', (name, MemorySize, Timeout) => {
    expect(functionOf(onDemand, name)).toMatchObject({ MemorySize, Timeout });
  });

  test.each(FUNCTIONS)('%s may write to its own log group, and to no other', (name) => {
    const { LogGroupName } = onDemand.resources[`${name}LogGroup`]?.Properties ?? {};
    expect(LogGroupName).toBe(`/aws/lambda/${functionOf(onDemand, name)['FunctionName']}`);
    const logs = statementsOf(onDemand, name).filter(({ Action }) =>
      JSON.stringify(Action).includes('logs:'),
    );
    expect(logs).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: {
          'Fn::Sub': `${ofAccount('logs')}:log-group:${LogGroupName}:*`,
        },
      },
    ]);
  });

  test.each([
    [
      'Dispatch',
      [
        { 'Fn::GetAtt': ['DeliverLambdaFunction', 'Arn'] },
        { 'Fn::GetAtt': ['RedeliverLambdaFunction', 'Arn'] },
      ],
    ],
    ['Deliver', undefined],
    [
      'Redeliver',
      {
        'Fn::Sub': `${ofAccount('lambda')}:function:goim-job-dev-redeliver`,
      },
    ],
    ['MergeRooms', undefined],
  ])('%s may invoke those it sends to or wakes, and no other', (name, Resource) => {
    const invokes = statementsOf(onDemand, name).filter(({ Action }) =>
      JSON.stringify(Action).includes('lambda:'),
    );
    expect(invokes).toEqual(
      Resource ? [{ Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource }] : [],
    );
  });

  test('have time limits that are nested, so that an unknown outcome is a dead one', () => {
    const timeoutMs = (name: string) => Number(functionOf(onDemand, name)['Timeout']) * 1000;
    expect(COMET_CALL_MS).toBeLessThan(DELIVERY_MS);
    expect(DELIVERY_MS).toBeLessThan(timeoutMs('Deliver'));
    expect(timeoutMs('Deliver')).toBeLessThan(INVOKE_CLIENT_MS);
    expect(INVOKE_CLIENT_MS + SETTLE_MS).toBeLessThan(timeoutMs('Dispatch'));
    const turnMs = DELIVERY_MS + 2 * (STORE_WRITES_MS + STORE_CALL_MS);
    expect(turnMs).toBeLessThan(REDELIVER_END_MS);
    expect(REDELIVER_END_MS).toBeLessThan(timeoutMs('Redeliver'));
    expect(PROBE_LAST_MS + DELIVERY_MS + WRITE_LIFE_MS).toBeLessThan(LEASE_MS);
    expect(MERGE_END_MS).toBeLessThan(timeoutMs('MergeRooms'));
  });

  test.each(['Redeliver', 'MergeRooms'])(
    '%s works for 15 minutes, begins each minute, and what Lambda could not begin is not tried later',
    (name) => {
      expect(functionOf(onDemand, name)).toMatchObject({ Timeout: 900 });
      expect(onDemand.resources[`${name}EventsRuleSchedule1`]?.Properties).toMatchObject({
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [{ Arn: { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] } }],
      });
      expect(onDemand.resources[`${name}LambdaEvConf`]?.Properties).toMatchObject({
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      });
    },
  );

  test('merge in one invocation, and one that waits to follow', () => {
    expect(functionOf(onDemand, 'MergeRooms')).toMatchObject({ ReservedConcurrentExecutions: 2 });
  });
});

describe('the variables', () => {
  testVariables(
    () => onDemand,
    () => provisioned,
    VARIABLES,
  );
});

describe('the MSK trigger', () => {
  test('has the defaults, and Lambda’s own window', () => {
    expect(triggerOf(onDemand)).toEqual({
      FunctionName: { 'Fn::GetAtt': ['DispatchLambdaFunction', 'Arn'] },
      EventSourceArn: REQUIRED['clusterArn'],
      Topics: ['goim-push-topic'],
      StartingPosition: 'LATEST',
      BatchSize: 1000,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'goim-job' },
    });
  });

  test('takes every parameter, for any ARN and topic; a window of 0 comes out as 0', () => {
    expect(triggerOf(provisioned)).toEqual({
      FunctionName: { 'Fn::GetAtt': ['DispatchLambdaFunction', 'Arn'] },
      EventSourceArn: 'arn:aws:kafka:eu-west-1:210987654321:cluster/live-2/9a8b7c6d-5',
      Topics: ['KafkaPushsTopic'],
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 0,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'group-2' },
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2 },
      MaximumRetryAttempts: -1,
    });
  });

  test.each([
    ['on demand', () => onDemand],
    ['with provisioned pollers', () => provisioned],
  ])('has nothing that makes Lambda drop records, %s', (_name, packaged) => {
    const trigger = triggerOf(packaged());
    const dropping = [
      'BisectBatchOnFunctionError',
      'DestinationConfig',
      'FilterCriteria',
      'FunctionResponseTypes',
      'MaximumRecordAgeInSeconds',
    ];
    expect(dropping.filter((name) => name in trigger)).toEqual([]);
    expect(trigger['MaximumRetryAttempts'] ?? -1).toBe(-1);
    expect(resourcesOf(packaged(), 'AWS::SQS::Queue')).toEqual([]);
  });

  test('may read the topic and its group, and nothing else of the cluster', () => {
    const role = JSON.stringify(provisioned.resources['DispatchRole']);
    expect(role).toContain(
      '{"Fn::Split":[":cluster/","arn:aws:kafka:eu-west-1:210987654321:cluster/live-2/9a8b7c6d-5"]}',
    );
    expect(role).toContain('"/KafkaPushsTopic"');
    expect(role).toContain('"/group-2"');
    expect(role).not.toContain('kafka-cluster:*');
  });
});

describe('the tables', () => {
  test('stay when the stack is deleted, and cost nothing when idle', () => {
    const tables = resourcesOf(onDemand, 'AWS::DynamoDB::Table');
    expect(tables.map(({ Properties }) => Properties['TableName']).toSorted()).toEqual(
      ['behind', 'dead-letters', 'fleet', 'leases', 'parked', 'rooms'].map((name) => `goim-job-dev-${name}`),
    );
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: { BillingMode: 'PAY_PER_REQUEST' },
      });
    }
  });

  test('hold a mark a partition and comet, found by either', () => {
    expect(onDemand.resources['BehindTable']?.Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'partition', KeyType: 'HASH' },
        { AttributeName: 'comet', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-comet',
          KeySchema: [
            { AttributeName: 'comet', KeyType: 'HASH' },
            { AttributeName: 'partition', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  });

  test('hold parked runs in the order of their queue', () => {
    expect(onDemand.resources['ParkedTable']?.Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'queue', KeyType: 'HASH' },
        { AttributeName: 'run', KeyType: 'RANGE' },
      ],
    });
  });

  const EXPIRES = { AttributeName: 'expiresAt', Enabled: true };
  const RECOVERABLE = { PointInTimeRecoveryEnabled: true };
  test.each([
    ['Behind', undefined, RECOVERABLE],
    ['Parked', undefined, RECOVERABLE],
    ['DeadLetters', EXPIRES, RECOVERABLE],
    ['Rooms', EXPIRES, undefined],
    ['Fleet', undefined, undefined],
    ['Leases', undefined, undefined],
  ])(
    'forget of %s what is said to expire, and what is nowhere else can be set back in time',
    (name, ttl, recovery) => {
      const { Properties = {} } = onDemand.resources[`${name}Table`] ?? {};
      expect([Properties['TimeToLiveSpecification'], Properties['PointInTimeRecoverySpecification']]).toEqual(
        [ttl, recovery],
      );
    },
  );
});

describe.each([
  ['on demand', () => onDemand, { offsetLag: 10_000 }],
  ['with provisioned pollers', () => provisioned, { offsetLag: 50_000, topic: TOPIC }],
])('the alarms, %s', (_name, packaged, expected) => {
  testAlarms(packaged, FUNCTIONS, expected);
});

describe('package', () => {
  test('names every required parameter that is missing', async () => {
    await expect(packageService({ subnetIds: 'subnet-1' })).rejects.toThrow(
      /Missing parameters: --param clusterArn=…, --param securityGroupIds=…/,
    );
  });

  test.each(Object.keys(REQUIRED))('names %s alone if it alone is missing', async (name) => {
    const { [name]: _missing, ...others } = REQUIRED;
    await expect(packageService(others)).rejects.toThrow(`Missing parameters: --param ${name}=…\n`);
  });

  test.each([
    ['windowS', '301', 'a whole number from 0 to 300'],
    ['alarmTopicArn', 'pager', 'the ARN of an SNS topic'],
  ])('refuses --param %s=%s', async (name, value, range) => {
    await expect(packageService({ ...REQUIRED, [name]: value })).rejects.toThrow(
      `--param ${name} is not ${range}`,
    );
  });

  test('warns of a fleet that is not configured', () => {
    expect(onDemand.output).toContain('COMETS is not set');
  });
});
