import { type Parameters, readParameters } from '../../deploy/parameters.ts';

/** What serverless.yml has by default. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  trigger: 'on',
  clusterArn: '',
  bootstrapServers: '',
  kafkaNetwork: 'vpc',
  topic: 'goim-push-topic',
  consumerGroupId: 'goim-job',
  startingPosition: 'LATEST',
  startingTime: '',
  batchSize: '1000',
  windowS: '',
  minimumPollers: '',
  maximumPollers: '',
  scramSecretArn: '',
  scram256SecretArn: '',
  plainSecretArn: '',
  mtlsSecretArn: '',
  kafkaCaSecretArn: '',
  kafkaSecretKeyArn: '',
  cometTokenSecretArn: '',
  cometTlsSecretArn: '',
  cometSecretKeyArn: '',
  kmsKeyArn: '',
  keptTables: 'off',
  reservedConcurrency: 'off',
  alarmTopicArn: '',
  offsetLagAlarm: '10000',
  tracing: 'off',
  deadLettersStream: 'off',
  tags: '',
};

export const CLUSTER = 'arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-1';
export const secretArn = (name: string): string =>
  `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;

/** With all that is required, and these. */
export const given = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  ...DEFAULTS,
  subnetIds: 'subnet-0123456789abcdef0',
  securityGroupIds: 'sg-0123456789abcdef0',
  clusterArn: 'bootstrapServers' in more ? '' : CLUSTER,
  ...more,
});

export const parametersOf = (more: Readonly<Record<string, string>> = {}): Parameters => {
  const { parameters, problems } = readParameters(given(more));
  if (parameters === undefined) throw new Error(problems.join('; '));
  return parameters;
};
