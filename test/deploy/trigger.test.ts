import { describe, expect, test } from 'vitest';
import { triggerResources } from '../../deploy/trigger.ts';
import { triggerStatements } from '../../deploy/trigger-access.ts';
import { CLUSTER, parametersOf, secretArn } from './given.ts';

const triggerOf = (more: Readonly<Record<string, string>>): [id: string, Record<string, unknown>] => {
  const [first] = Object.entries(triggerResources(parametersOf(more)));
  if (first === undefined) throw new Error('no trigger');
  return [first[0], first[1].Properties];
};
const VPC = [
  { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0123456789abcdef0' },
  { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-0123456789abcdef0' },
];
const BROKERS = { bootstrapServers: 'a.example:9096, b.example:9096' };
const SECRET = secretArn('kafka');

describe('the trigger', () => {
  test('of an MSK cluster with IAM, or of MSK Serverless, names no secret', () => {
    const [, properties] = triggerOf({});
    expect(properties).toEqual({
      FunctionName: { 'Fn::GetAtt': ['DispatchLambdaFunction', 'Arn'] },
      EventSourceArn: CLUSTER,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'goim-job' },
      Topics: ['goim-push-topic'],
      StartingPosition: 'LATEST',
      BatchSize: 1000,
    });
  });

  test.each([
    ['scramSecretArn', 'SASL_SCRAM_512_AUTH'],
    ['mtlsSecretArn', 'CLIENT_CERTIFICATE_TLS_AUTH'],
  ])('of an MSK cluster takes %s', (name, Type) => {
    expect(triggerOf({ [name]: SECRET })[1]['SourceAccessConfigurations']).toEqual([{ Type, URI: SECRET }]);
  });

  test('of another Kafka is told its brokers and a way into the VPC', () => {
    const [, properties] = triggerOf(BROKERS);
    expect(properties).not.toHaveProperty('EventSourceArn');
    expect(properties).not.toHaveProperty('AmazonManagedKafkaEventSourceConfig');
    expect(properties).toMatchObject({
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['a.example:9096', 'b.example:9096'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'goim-job' },
      SourceAccessConfigurations: VPC,
    });
  });

  test.each([
    ['scramSecretArn', 'SASL_SCRAM_512_AUTH'],
    ['scram256SecretArn', 'SASL_SCRAM_256_AUTH'],
    ['plainSecretArn', 'BASIC_AUTH'],
    ['mtlsSecretArn', 'CLIENT_CERTIFICATE_TLS_AUTH'],
  ])('of another Kafka takes %s, and its own CA', (name, Type) => {
    const more = { ...BROKERS, [name]: SECRET, kafkaCaSecretArn: secretArn('ca') };
    expect(triggerOf(more)[1]['SourceAccessConfigurations']).toEqual([
      ...VPC,
      { Type, URI: SECRET },
      { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: secretArn('ca') },
    ]);
  });

  test('of a Kafka on the internet has no way into the VPC', () => {
    const more = { ...BROKERS, kafkaNetwork: 'internet', plainSecretArn: SECRET };
    expect(triggerOf(more)[1]['SourceAccessConfigurations']).toEqual([{ Type: 'BASIC_AUTH', URI: SECRET }]);
  });

  test('has another id for another topic, though it differs in punctuation alone', () => {
    const ids = ['goim.push.topic', 'goimpushtopic', 'goim-push-topic'].map(
      (topic) => triggerOf({ topic })[0],
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
    expect(triggerOf({})[0]).toBe(ids[2]);
  });

  test('starts at a time, in seconds', () => {
    const more = { startingPosition: 'AT_TIMESTAMP', startingTime: '2026-11-25T12:00:00+01:00' };
    expect(triggerOf(more)[1]).toMatchObject({
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: Date.UTC(2026, 10, 25, 11) / 1000,
    });
  });

  test('gathers for as long as is said, 0 too; what is unset is left to Lambda', () => {
    expect(triggerOf({ windowS: '0' })[1]['MaximumBatchingWindowInSeconds']).toBe(0);
    expect(triggerOf({})[1]).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  test('has retries without end with provisioned pollers, of which one bound is enough', () => {
    expect(triggerOf({ maximumPollers: '3' })[1]).toMatchObject({
      ProvisionedPollerConfig: { MaximumPollers: 3 },
      MaximumRetryAttempts: -1,
    });
  });

  test('is absent when it is off, and its role may read nothing', () => {
    const off = parametersOf({ trigger: 'off', scramSecretArn: SECRET });
    expect([triggerResources(off), triggerStatements(off)]).toEqual([{}, []]);
  });
});

const allowed = (more: Readonly<Record<string, string>>) =>
  triggerStatements(parametersOf(more)).map(({ Action, Resource }) => [Action, Resource]);

describe('the role of the trigger', () => {
  test('may read its topic in its group of an MSK cluster, and nothing else there', () => {
    const part = (kind: string, name: string) => `${CLUSTER.replace(':cluster/', `:${kind}/`)}/${name}`;
    expect(allowed({ topic: 'T', consumerGroupId: 'g' })).toEqual([
      [['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers', 'kafka-cluster:Connect'], CLUSTER],
      [['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], part('topic', 'T')],
      [['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], part('group', 'g')],
    ]);
  });

  test('may read its secrets, and use their key, and no other', () => {
    const key = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd';
    const more = { ...BROKERS, scramSecretArn: SECRET, kafkaCaSecretArn: secretArn('ca') };
    expect(allowed({ ...more, kafkaSecretKeyArn: key })).toEqual([
      [['secretsmanager:GetSecretValue'], [SECRET, secretArn('ca')]],
      [['kms:Decrypt'], key],
    ]);
    expect(allowed(BROKERS)).toEqual([]);
  });
});
