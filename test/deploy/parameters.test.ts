import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { givenParameters, readParameters } from '../../deploy/parameters.ts';
import { problemsTogether } from '../../deploy/together.ts';
import { CLUSTER, DEFAULTS, given, parametersOf, secretArn } from './given.ts';

const problems = (more: Readonly<Record<string, string>>, region = 'us-east-1'): readonly string[] => {
  const read = readParameters(given(more));
  return [...read.problems, ...problemsTogether(read, { region })];
};

test('the defaults of serverless.yml, and what is required, are enough', () => {
  const { params } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' });
  const { subnetIds, securityGroupIds, ...defaults } = params.default;
  expect([subnetIds, securityGroupIds]).toEqual(['', '']);
  expect(Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)]))).toEqual(
    DEFAULTS,
  );
  expect(problems({})).toEqual([]);
});

test('lists are trimmed', () => {
  expect(
    parametersOf({ subnetIds: ' subnet-0123456789abcdef0 , subnet-0123456789abcdef1 ' }).subnetIds,
  ).toEqual(['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1']);
});

test('tags are read by name, and a value may have an =', () => {
  expect(parametersOf({ tags: 'team=live, query=a=b,empty=' }).tags).toEqual({
    team: 'live',
    query: 'a=b',
    empty: '',
  });
});

test('the command line comes before the stage’s parameters, and those before the defaults', () => {
  const service = {
    configurationInput: { params: { default: { a: 1, b: 2, c: 3 }, prod: { b: ' prod ', c: 'prod' } } },
    processedInput: { options: { param: ['c=x=y'] } },
    service: { provider: { stage: 'prod' } },
  };
  expect(givenParameters(service)).toEqual({ a: '1', b: 'prod', c: 'x=y' });
});

describe('what cannot be deployed is refused, by the name that was typed', () => {
  test('every problem at once, and an unknown parameter with those that there are', () => {
    expect(problems({ subnetIds: '', batchSize: 'many', topik: 'x' })).toEqual([
      expect.stringMatching(/^--param topik is unknown; there are alarmTopicArn, .*windowS$/),
      '--param subnetIds is required',
      '--param batchSize is not a whole number from 1 to 10000',
    ]);
  });

  test.each([
    ['subnetIds', 'foo', 'is not a comma-separated list of subnet ids'],
    ['subnetIds', 'subnet-a, subnet-b', 'is not a comma-separated list of subnet ids'],
    ['securityGroupIds', 'sg-a,', 'is not a comma-separated list of security group ids'],
    ['securityGroupIds', 'sg-0123456789abcdef0,', 'is not a comma-separated list of security group ids'],
    ['securityGroupIds', Array(6).fill('sg-0123456789abcdef0').join(), 'has more than 5 security group ids'],
    ['trigger', 'maybe', 'is not off or on'],
    ['tracing', 'yes', 'is not off or on'],
    ['deadLettersStream', 'true', 'is not off or on'],
    ['tags', 'live', 'is not a comma-separated list of tags, each name=value'],
    ['tags', 'aws:team=live', 'is not a comma-separated list of tags, each name=value'],
    ['tags', 'team=live,=x', 'is not a comma-separated list of tags, each name=value'],
    ['clusterArn', 'demo', 'is not the ARN of an MSK cluster'],
    ['clusterArn', CLUSTER.replace('kafka', 'sns'), 'is not the ARN of an MSK cluster'],
    ['bootstrapServers', 'a', 'is not a comma-separated list of brokers, each host:port'],
    ['bootstrapServers', 'a:9092,b', 'is not a comma-separated list of brokers, each host:port'],
    ['topic', 'a topic', 'is not the name of a topic'],
    ['topic', '..', 'is not the name of a topic'],
    ['consumerGroupId', 'bad group!', 'is not a consumer group id'],
    ['startingPosition', 'EARLIEST', 'is not LATEST or TRIM_HORIZON or AT_TIMESTAMP'],
    ['startingTime', 'yesterday', 'is not a time like 2026-11-25T12:00:00Z'],
    ['startingTime', '2026-13-25T12:00:00Z', 'is not a time like 2026-11-25T12:00:00Z'],
    ['batchSize', '0', 'is not a whole number from 1 to 10000'],
    ['batchSize', '10001', 'is not a whole number from 1 to 10000'],
    ['windowS', '301', 'is not a whole number from 0 to 300'],
    ['windowS', '-1', 'is not a whole number from 0 to 300'],
    ['minimumPollers', '0', 'is not a whole number from 1 to 200'],
    ['maximumPollers', '2.5', 'is not a whole number from 1 to 2000'],
    ['scramSecretArn', 'goim/kafka', 'is not the ARN of a secret of Secrets Manager'],
    ['cometTokenSecretArn', 'hunter2', 'is not the ARN of a secret of Secrets Manager'],
    ['cometTlsSecretArn', 'ca.pem', 'is not the ARN of a secret of Secrets Manager'],
    ['kafkaSecretKeyArn', 'alias/goim', 'is not the ARN of a KMS key'],
    ['alarmTopicArn', 'pager', 'is not the ARN of an SNS topic'],
    [
      'alarmTopicArn',
      'arn:aws:sns:us-east-1:123456789012:goim:subscription',
      'is not the ARN of an SNS topic',
    ],
    ['offsetLagAlarm', '', 'is required'],
    ['offsetLagAlarm', '1.5', 'is not a whole number from 1 to 1000000000'],
  ])('%s=%s', (name, value, problem) => {
    expect(problems({ [name]: value })).toEqual([`--param ${name} ${problem}`]);
  });

  test.each([
    [
      { clusterArn: '' },
      ['--param clusterArn is required, or --param bootstrapServers for a Kafka that is not MSK'],
    ],
    [
      { clusterArn: CLUSTER, bootstrapServers: 'a:9092' },
      ['--param clusterArn and --param bootstrapServers exclude each other'],
    ],
    [{ minimumPollers: '10', maximumPollers: '2' }, ['--param minimumPollers is more than maximumPollers']],
    [
      { startingPosition: 'AT_TIMESTAMP' },
      ['--param startingTime is required with startingPosition=AT_TIMESTAMP'],
    ],
    [{ startingTime: '2026-11-25T12:00:00Z' }, ['--param startingTime needs startingPosition=AT_TIMESTAMP']],
    [
      { keptTables: 'on', deadLettersStream: 'on' },
      [
        '--param deadLettersStream is for a table that this deploy makes, and with keptTables=on it makes none',
      ],
    ],
    [
      { scramSecretArn: secretArn('a'), mtlsSecretArn: secretArn('b') },
      ['--param scramSecretArn and --param mtlsSecretArn exclude each other'],
    ],
    [
      { plainSecretArn: secretArn('a') },
      ['--param plainSecretArn is for --param bootstrapServers alone: MSK has no such thing'],
    ],
    [
      { bootstrapServers: 'a:9092', kafkaNetwork: 'internet' },
      [
        '--param kafkaNetwork=internet needs a secret: scramSecretArn, scram256SecretArn, plainSecretArn or mtlsSecretArn',
      ],
    ],
    [
      { kafkaSecretKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1234abcd' },
      ['--param kafkaSecretKeyArn is the key of a secret, and none is given'],
    ],
    [
      { cometSecretKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1234abcd' },
      [
        '--param cometSecretKeyArn is the key of cometTokenSecretArn or cometTlsSecretArn, and neither is given',
      ],
    ],
  ])('%j', (more, expected) => {
    expect(problems(more)).toEqual(expected);
  });

  test('also what does not go together, where other parameters cannot be read; of those, no more than that', () => {
    const more = {
      topik: 'x',
      batchSize: 'many',
      minimumPollers: '10',
      maximumPollers: '2',
      scramSecretArn: 'a',
    };
    expect(
      problems({ ...more, startingTime: 'soon', startingPosition: 'AT_TIMESTAMP' }, 'eu-west-1'),
    ).toEqual([
      expect.stringMatching(/^--param topik is unknown/),
      '--param startingTime is not a time like 2026-11-25T12:00:00Z',
      '--param batchSize is not a whole number from 1 to 10000',
      '--param scramSecretArn is not the ARN of a secret of Secrets Manager',
      '--param clusterArn is of us-east-1, and the functions are of eu-west-1',
      '--param minimumPollers is more than maximumPollers',
    ]);
  });

  test('an ARN of another region, or of a partition that the region is not of', () => {
    expect(problems({}, 'eu-west-1')).toEqual([
      '--param clusterArn is of us-east-1, and the functions are of eu-west-1',
    ]);
    const chinese = { clusterArn: CLUSTER.replace('us-east-1', 'cn-north-1') };
    expect(problems(chinese, 'cn-north-1')).toEqual([
      '--param clusterArn is of the partition aws, and cn-north-1 is of aws-cn',
    ]);
    const right = { clusterArn: chinese.clusterArn.replace('arn:aws:', 'arn:aws-cn:') };
    expect(problems(right, 'cn-north-1')).toEqual([]);
  });
});
