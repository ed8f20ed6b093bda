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

const TOKEN_SECRET = 'arn:aws:secretsmanager:us-east-1:210987654321:secret:comets-AbCdEf';
const TLS_SECRET = 'arn:aws:secretsmanager:us-east-1:210987654321:secret:comets-tls-AbCdEf';
const SECRET_KEY = 'arn:aws:kms:us-east-1:210987654321:key/1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

/** What a deployer sets in the shell, each as it could not be by default. */
const VARIABLES = {
  DELIVERY: 'inline',
  ROOM_ROUTING: 'all',
  MESSAGE_TTL_S: '3600',
  REGISTRY: 'discovery',
  COMETS: '{"comet-1":["http://10.0.0.5:3108"]}',
  DISCOVERY_URLS: 'http://10.0.0.9:7171',
  DISCOVERY_APPID: 'live.comet',
  DISCOVERY_ENV: 'prod',
  DISCOVERY_ZONE: 'sh002',
};

const KEY = 'arn:aws:kms:us-east-1:210987654321:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const TOPIC = 'arn:aws:sns:us-east-1:210987654321:pager';

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
        subnetIds: 'subnet-0123456789abcdef0, subnet-0123456789abcdef1 ',
        clusterArn: 'arn:aws:kafka:us-east-1:210987654321:cluster/live-2/9a8b7c6d-5',
        reservedConcurrency: 'on',
        kmsKeyArn: KEY,
        cometTokenSecretArn: TOKEN_SECRET,
        cometTlsSecretArn: TLS_SECRET,
        cometSecretKeyArn: SECRET_KEY,
        topic: 'KafkaPushsTopic',
        consumerGroupId: 'group-2',
        startingPosition: 'TRIM_HORIZON',
        batchSize: '500',
        windowS: '0',
        minimumPollers: '1',
        maximumPollers: '2',
        alarmTopicArn: TOPIC,
        offsetLagAlarm: '50000',
        tracing: 'on',
        deadLettersStream: 'on',
        tags: 'team=live,stage=test',
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
const allowedTo = (packaged: Packaged, name: string, action: string): unknown[] =>
  statementsOf(packaged, name).flatMap(({ Effect, Action, Resource }) =>
    Effect === 'Allow' && Action.includes(action) ? [Resource].flat() : [],
  );
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
          SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
          SecurityGroupIds: [REQUIRED['securityGroupIds']],
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

  const redeliver = { 'Fn::GetAtt': ['RedeliverLambdaFunction', 'Arn'] };
  const deliver = { 'Fn::GetAtt': ['DeliverLambdaFunction', 'Arn'] };
  test.each([
    ['Dispatch', () => onDemand, [redeliver, deliver]],
    ['Dispatch with DELIVERY=inline', () => provisioned, [redeliver]],
    ['Deliver', () => onDemand, []],
    ['Redeliver', () => onDemand, [{ 'Fn::Sub': `${ofAccount('lambda')}:function:goim-job-dev-redeliver` }]],
    ['MergeRooms', () => onDemand, [redeliver]],
  ])('%s may invoke those it sends to or wakes, and no other', (name, packaged, resources) => {
    const role = name.split(' ')[0] ?? name;
    expect(allowedTo(packaged(), role, 'lambda:InvokeFunction')).toEqual(resources);
    const actions = statementsOf(packaged(), role).flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('lambda:')).length).toBe(resources.length);
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

  test('reserve nothing of an account’s concurrency unless asked to; then an owner, one that follows and an old one that waits', () => {
    expect(functionOf(onDemand, 'MergeRooms')).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(functionOf(provisioned, 'MergeRooms')).toMatchObject({ ReservedConcurrentExecutions: 3 });
  });
});

describe('the variables', () => {
  testVariables(
    () => onDemand,
    () => provisioned,
    { ...VARIABLES, COMET_TOKEN_SECRET: TOKEN_SECRET, COMET_TLS_SECRET: TLS_SECRET },
  );
});

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const OF_A_VPC = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
];
const FORBIDDEN_TO_CODE = [
  ...OF_A_VPC,
  'ec2:AssignPrivateIpAddresses',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeVpcs',
  'ec2:DetachNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];

describe('the roles', () => {
  test.each(FUNCTIONS)('%s runs its own handler, with a role that Lambda alone may take', (name) => {
    expect(functionOf(onDemand, name)['Handler']).toBe(
      `functions/${name === 'MergeRooms' ? 'merge-rooms' : name.toLowerCase()}.handler`,
    );
    expect(onDemand.resources[`${name}Role`]?.Properties['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    });
  });

  test.each([
    // MSK's trigger looks at the cluster's network, too: https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
    ['Dispatch', [...OF_A_VPC, 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs']],
    ['Deliver', OF_A_VPC],
    ['Redeliver', OF_A_VPC],
    ['MergeRooms', OF_A_VPC],
  ])('Lambda may make the network interfaces of %s with its role, and its code may not', (name, allowed) => {
    const ofEc2 = statementsOf(onDemand, name).filter(({ Action }) => Action[0]?.startsWith('ec2:'));
    const [denied, granted] = [
      ofEc2.filter(({ Effect }) => Effect === 'Deny'),
      ofEc2.filter(({ Effect }) => Effect === 'Allow'),
    ];
    expect(granted.flatMap(({ Action }) => Action).toSorted()).toEqual(allowed.toSorted());
    expect(denied.flatMap(({ Action }) => Action).toSorted()).toEqual(FORBIDDEN_TO_CODE.toSorted());
    expect(denied).toMatchObject([
      { Resource: '*', Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } } },
    ]);
  });
});

describe('tracing', () => {
  test.each(FUNCTIONS)('of %s is off unless asked for; then its role may send it', (name) => {
    const actions = (packaged: Packaged) =>
      statementsOf(packaged, name)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.startsWith('xray:'));
    expect([functionOf(onDemand, name)['TracingConfig'], actions(onDemand)]).toEqual([undefined, []]);
    expect([functionOf(provisioned, name)['TracingConfig'], actions(provisioned)]).toEqual([
      { Mode: 'Active' },
      ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    ]);
  });
});

describe('a key of one’s own', () => {
  test('encrypts every table, log group and function’s variables, and its roles may use it', () => {
    const properties = (type: string) => resourcesOf(provisioned, type).map(({ Properties }) => Properties);
    for (const table of properties('AWS::DynamoDB::Table'))
      expect(table['SSESpecification']).toEqual({ SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY });
    for (const group of properties('AWS::Logs::LogGroup')) expect(group['KmsKeyId']).toBe(KEY);
    for (const name of FUNCTIONS) {
      expect(functionOf(provisioned, name)['KmsKeyArn']).toBe(KEY);
      expect(allowedTo(provisioned, name, 'kms:Decrypt')).toContain(KEY);
    }
    expect(JSON.stringify(onDemand.resources)).not.toMatch(/kms:|SSESpecification|KmsKey/);
  });
});

describe('the comets’ secrets', () => {
  const ofSecrets = (packaged: Packaged, name: string) =>
    statementsOf(packaged, name).filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'));

  test.each(FUNCTIONS)(
    'are what %s may read with their key, and nothing else, where it calls comets',
    (name) => {
      expect(ofSecrets(provisioned, name)).toEqual([
        { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: [TOKEN_SECRET, TLS_SECRET] },
      ]);
      expect(statementsOf(provisioned, name)).toContainEqual({
        Effect: 'Allow',
        Action: ['kms:Decrypt'],
        Resource: SECRET_KEY,
        Condition: { StringLike: { 'kms:ViaService': 'secretsmanager.*' } },
      });
      expect(ofSecrets(onDemand, name)).toEqual([]);
    },
  );
});

describe('the trigger', () => {
  test('has the defaults', () => {
    expect(triggerOf(onDemand)).toMatchObject({ Topics: ['goim-push-topic'], StartingPosition: 'LATEST' });
  });

  test('takes the parameters, and its role may read the topic in the group', () => {
    expect(triggerOf(provisioned)).toMatchObject({
      EventSourceArn: 'arn:aws:kafka:us-east-1:210987654321:cluster/live-2/9a8b7c6d-5',
      Topics: ['KafkaPushsTopic'],
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 0,
    });
    expect(allowedTo(provisioned, 'Dispatch', 'kafka-cluster:ReadData')).toEqual([
      'arn:aws:kafka:us-east-1:210987654321:topic/live-2/9a8b7c6d-5/KafkaPushsTopic',
    ]);
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
});

test('tags are the stack’s, which CloudFormation hands on to all that it has', () => {
  expect([onDemand.stackTags, provisioned.stackTags]).toEqual([undefined, { team: 'live', stage: 'test' }]);
});

test('the stage has a dashboard and saved queries', () => {
  const [dashboard] = resourcesOf(onDemand, 'AWS::CloudWatch::Dashboard');
  expect(dashboard?.Properties).toMatchObject({ DashboardName: 'goim-job-dev' });
  const names = resourcesOf(onDemand, 'AWS::Logs::QueryDefinition').map(
    ({ Properties }) => Properties['Name'],
  );
  expect(names).toContain('goim-job-dev/what went wrong, and since when');
});

describe('the tables', () => {
  test('of dead letters have a stream if asked for, whose name the stack puts out', () => {
    const streamOf = ({ resources, outputs }: Packaged) => [
      resources['DeadLettersTable']?.Properties['StreamSpecification'],
      outputs['DeadLettersStreamArn'],
    ];
    expect(streamOf(onDemand)).toEqual([undefined, undefined]);
    expect(streamOf(provisioned)).toEqual([
      { StreamViewType: 'NEW_IMAGE' },
      { Value: { 'Fn::GetAtt': ['DeadLettersTable', 'StreamArn'] } },
    ]);
  });

  test('stay when the stack is deleted, but not when the deploy that made them failed; and cost nothing when idle', () => {
    const tables = resourcesOf(onDemand, 'AWS::DynamoDB::Table');
    expect(tables.map(({ Properties }) => Properties['TableName']).toSorted()).toEqual(
      ['behind', 'comets', 'dead-letters', 'fleet', 'leases', 'parked', 'rooms'].map(
        (name) => `goim-job-dev-${name}`,
      ),
    );
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
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
    ['Comets', undefined, RECOVERABLE],
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

test('package names everything that is wrong at once, by what was typed', async () => {
  const { clusterArn: _unset, ...rest } = REQUIRED;
  const wrong = packageService(
    { ...rest, topik: 'x', batchSize: '0', securityGroupIds: 'sg-a,' },
    { COMETS: 'notjson', DELIVERY: 'foo', COMET_TOKEN: 'hunter2' },
  );
  await expect(wrong).rejects.toThrow(
    new RegExp(
      [
        'This cannot be deployed:',
        '- --param topik is unknown; there are alarmTopicArn, .*',
        '- --param securityGroupIds is not a comma-separated list of security group ids',
        '- --param batchSize is not a whole number from 1 to 10000',
        '- --param clusterArn is required, or .*',
        '- DELIVERY is not one of invoke, inline',
        '- COMETS is not JSON',
        '- COMET_TOKEN is for npm start alone: .* --param cometTokenSecretArn=',
      ].join('\\s+'),
    ),
  );
});
