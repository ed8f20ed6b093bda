import { beforeAll, describe, expect, test } from 'vitest';
import { DELIVERY_MS, INVOKE_CLIENT_MS } from '../../lib/domain/limits.ts';
import { type Packaged, packageService, REQUIRED, resourcesOf } from './package-service.ts';

let onDemand: Packaged;
let provisioned: Packaged;

beforeAll(async () => {
  [onDemand, provisioned] = await Promise.all([
    packageService(REQUIRED),
    packageService({
      ...REQUIRED,
      clusterArn: 'arn:aws:kafka:eu-west-1:210987654321:cluster/live-2/9a8b7c6d-5',
      topic: 'KafkaPushsTopic',
      consumerGroupId: 'group-2',
      startingPosition: 'TRIM_HORIZON',
      batchSize: '500',
      windowS: '0',
      minimumPollers: '1',
      maximumPollers: '2',
    }),
  ]);
}, 120_000);

const functionOf = (packaged: Packaged, name: string): Record<string, unknown> => {
  const found = packaged.resources[`${name}LambdaFunction`];
  if (found === undefined) throw new Error(`no function ${name}`);
  return found.Properties;
};
const triggerOf = (packaged: Packaged): Record<string, unknown> => {
  const triggers = resourcesOf(packaged, 'AWS::Lambda::EventSourceMapping');
  expect(triggers.length).toBe(1);
  return triggers[0]?.Properties ?? {};
};
const FUNCTIONS = ['Dispatch', 'Deliver', 'MergeRooms'];

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

  test('have time limits that are nested, so that an unknown outcome is a dead one', () => {
    const timeoutMs = (name: string) => Number(functionOf(onDemand, name)['Timeout']) * 1000;
    expect(DELIVERY_MS).toBeLessThan(timeoutMs('Deliver'));
    expect(timeoutMs('Deliver')).toBeLessThan(INVOKE_CLIENT_MS);
    expect(INVOKE_CLIENT_MS).toBeLessThan(timeoutMs('Dispatch'));
  });

  test('merge in one invocation, and one that waits to follow', () => {
    expect(functionOf(onDemand, 'MergeRooms')).toMatchObject({
      ReservedConcurrentExecutions: 2,
      Timeout: 900,
    });
    expect(resourcesOf(onDemand, 'AWS::Events::Rule')[0]?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
    });
    expect(resourcesOf(onDemand, 'AWS::Lambda::EventInvokeConfig')[0]?.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });
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

test('the tables stay when the stack is deleted, and cost nothing when idle', () => {
  const tables = resourcesOf(onDemand, 'AWS::DynamoDB::Table');
  expect(tables.length).toBe(4);
  for (const table of tables) {
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { BillingMode: 'PAY_PER_REQUEST' },
    });
  }
});

describe('package', () => {
  test('names every required parameter that is missing', async () => {
    await expect(packageService({ subnetIds: 'subnet-1' })).rejects.toThrow(
      /Missing parameters: --param clusterArn=…, --param securityGroupIds=…/,
    );
  });

  test('names a parameter that is out of its range', async () => {
    await expect(packageService({ ...REQUIRED, windowS: '301' })).rejects.toThrow(
      '--param windowS is not a whole number from 0 to 300',
    );
  });

  test('warns of a fleet that is not configured', () => {
    expect(onDemand.output).toContain('COMETS is not set');
  });
});
