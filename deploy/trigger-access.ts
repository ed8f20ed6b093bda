import type { Parameters } from './parameters.ts';
import type { Statement } from './template.ts';
import { secretAccess } from './trigger.ts';

/** MSK's ARNs of topics and groups: the cluster's, of another kind and with a name. */
const partOf = (clusterArn: string, kind: 'topic' | 'group', name: string): string =>
  `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;

/** The `kafka-cluster` actions are asked for with IAM authentication alone, which is MSK's way in where no secret is named. */
const ofMsk = (clusterArn: string, { topic, consumerGroupId }: Parameters): Statement[] => [
  {
    Effect: 'Allow',
    Action: ['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers', 'kafka-cluster:Connect'],
    Resource: clusterArn,
  },
  {
    Effect: 'Allow',
    Action: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
    Resource: partOf(clusterArn, 'topic', topic),
  },
  {
    Effect: 'Allow',
    Action: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
    Resource: partOf(clusterArn, 'group', consumerGroupId),
  },
];

const ofSecrets = (parameters: Parameters): Statement[] => {
  const secrets = secretAccess(parameters).map(({ URI }) => URI);
  if (secrets.length === 0) return [];
  const { kafkaSecretKeyArn } = parameters;
  return [
    { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: secrets },
    ...(kafkaSecretKeyArn === undefined
      ? []
      : [{ Effect: 'Allow' as const, Action: ['kms:Decrypt'], Resource: kafkaSecretKeyArn }]),
  ];
};

/** What Lambda does with the role of `dispatch` to read Kafka; nothing without a trigger. */
export const triggerStatements = (parameters: Parameters): Statement[] => {
  if (!parameters.trigger) return [];
  const { clusterArn } = parameters;
  return [...(clusterArn === undefined ? [] : ofMsk(clusterArn, parameters)), ...ofSecrets(parameters)];
};
