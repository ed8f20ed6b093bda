import { createHash } from 'node:crypto';
import type { Parameters } from './parameters.ts';
import type { Resource } from './template.ts';

/** What each of them makes of a secret: https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html */
const ACCESS_BY_PARAMETER = {
  scramSecretArn: 'SASL_SCRAM_512_AUTH',
  scram256SecretArn: 'SASL_SCRAM_256_AUTH',
  plainSecretArn: 'BASIC_AUTH',
  mtlsSecretArn: 'CLIENT_CERTIFICATE_TLS_AUTH',
  kafkaCaSecretArn: 'SERVER_ROOT_CA_CERTIFICATE',
} as const;

interface Access {
  readonly Type: string;
  readonly URI: string;
}

/** The secrets that the trigger reads, by what they are for. */
export const secretAccess = (parameters: Parameters): Access[] =>
  Object.entries(ACCESS_BY_PARAMETER).flatMap(([name, Type]) => {
    const URI = parameters[name as keyof typeof ACCESS_BY_PARAMETER];
    return URI === undefined ? [] : [{ Type, URI }];
  });

/** Into the VPC of the functions; MSK says itself where it is. */
const networkAccess = ({
  bootstrapServers,
  kafkaNetwork,
  subnetIds,
  securityGroupIds,
}: Parameters): Access[] =>
  bootstrapServers === undefined || kafkaNetwork === 'internet'
    ? []
    : [
        ...subnetIds.map((id) => ({ Type: 'VPC_SUBNET', URI: `subnet:${id}` })),
        ...securityGroupIds.map((id) => ({ Type: 'VPC_SECURITY_GROUP', URI: `security_group:${id}` })),
      ];

const sourceOf = ({ clusterArn, bootstrapServers, consumerGroupId }: Parameters) =>
  bootstrapServers === undefined
    ? {
        EventSourceArn: clusterArn,
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: consumerGroupId },
      }
    : {
        SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: bootstrapServers } },
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: consumerGroupId },
      };

/** With provisioned pollers, which alone may carry the property, retries are endless: any other number loses records. */
const pollersOf = ({ minimumPollers, maximumPollers }: Parameters) =>
  minimumPollers === undefined && maximumPollers === undefined
    ? {}
    : {
        ProvisionedPollerConfig: {
          ...(minimumPollers === undefined ? {} : { MinimumPollers: minimumPollers }),
          ...(maximumPollers === undefined ? {} : { MaximumPollers: maximumPollers }),
        },
        MaximumRetryAttempts: -1,
      };

const positionOf = ({ startingPosition, startingTime }: Parameters) => ({
  StartingPosition: startingPosition,
  ...(startingTime === undefined ? {} : { StartingPositionTimestamp: startingTime }),
});

const propertiesOf = (parameters: Parameters): Record<string, unknown> => {
  const access = [...networkAccess(parameters), ...secretAccess(parameters)];
  const { topic, batchSize, windowS } = parameters;
  return {
    FunctionName: { 'Fn::GetAtt': ['DispatchLambdaFunction', 'Arn'] },
    ...sourceOf(parameters),
    Topics: [topic],
    ...positionOf(parameters),
    BatchSize: batchSize,
    // Without it Lambda gathers for 500 ms.
    ...(windowS === undefined ? {} : { MaximumBatchingWindowInSeconds: windowS }),
    ...pollersOf(parameters),
    ...(access.length === 0 ? {} : { SourceAccessConfigurations: access }),
  };
};

/** By the exact topic: CloudFormation says success and changes nothing where a mapping's topic changes and its id does not. */
const logicalIdOf = ({ topic }: Parameters): string =>
  `DispatchTrigger${createHash('sha256').update(topic).digest('hex').slice(0, 8)}`;

/** What reads Kafka for `dispatch`, by logical id; nothing with `--param trigger=off`. */
export const triggerResources = (parameters: Parameters): Record<string, Resource> =>
  parameters.trigger
    ? {
        [logicalIdOf(parameters)]: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: propertiesOf(parameters),
        },
      }
    : {};
