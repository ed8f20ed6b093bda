import type { Parameters, Read } from './parameters.ts';

/** Where a function is deployed. */
export interface Place {
  readonly region: string;
}

type Rule = (parameters: Partial<Parameters>, place: Place) => readonly string[];

const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};

const arnsHere: Rule = (parameters, { region }) =>
  Object.entries(parameters).flatMap(([name, value]) => {
    if (typeof value !== 'string' || !value.startsWith('arn:')) return [];
    const [, partition, , itsRegion] = value.split(':');
    if (itsRegion !== region)
      return [`--param ${name} is of ${itsRegion}, and the functions are of ${region}`];
    return partition === partitionOf(region)
      ? []
      : [`--param ${name} is of the partition ${partition}, and ${region} is of ${partitionOf(region)}`];
  });

const oneKafka: Rule = ({ clusterArn, bootstrapServers }) => {
  if (clusterArn === undefined && bootstrapServers === undefined)
    return ['--param clusterArn is required, or --param bootstrapServers for a Kafka that is not MSK'];
  return clusterArn !== undefined && bootstrapServers !== undefined
    ? ['--param clusterArn and --param bootstrapServers exclude each other']
    : [];
};

const oneWayIn: Rule = (parameters) => {
  const names = ['scramSecretArn', 'scram256SecretArn', 'plainSecretArn', 'mtlsSecretArn'] as const;
  const given = names.filter((name) => parameters[name] !== undefined);
  return given.length > 1
    ? [`${given.map((name) => `--param ${name}`).join(' and ')} exclude each other`]
    : [];
};

const ofItsKafka: Rule = (parameters) => {
  if (parameters.clusterArn === undefined) return [];
  const names = ['scram256SecretArn', 'plainSecretArn', 'kafkaCaSecretArn'] as const;
  const wrong = names.filter((name) => parameters[name] !== undefined);
  const other = parameters.kafkaNetwork === 'internet' ? ['kafkaNetwork'] : [];
  return [...wrong, ...other].map(
    (name) => `--param ${name} is for --param bootstrapServers alone: MSK has no such thing`,
  );
};

const overTheInternet: Rule = (parameters) => {
  const { bootstrapServers, kafkaNetwork, scramSecretArn, scram256SecretArn, plainSecretArn, mtlsSecretArn } =
    parameters;
  if (bootstrapServers === undefined || kafkaNetwork === 'vpc') return [];
  return (scramSecretArn ?? scram256SecretArn ?? plainSecretArn ?? mtlsSecretArn) === undefined
    ? [
        '--param kafkaNetwork=internet needs a secret: scramSecretArn, scram256SecretArn, plainSecretArn or mtlsSecretArn',
      ]
    : [];
};

const keyOfComets: Rule = ({ cometSecretKeyArn, cometTokenSecretArn, cometTlsSecretArn }) =>
  cometSecretKeyArn !== undefined && (cometTokenSecretArn ?? cometTlsSecretArn) === undefined
    ? [
        '--param cometSecretKeyArn is the key of cometTokenSecretArn or cometTlsSecretArn, and neither is given',
      ]
    : [];

const keyOfASecret: Rule = (parameters) => {
  const {
    kafkaSecretKeyArn,
    scramSecretArn,
    scram256SecretArn,
    plainSecretArn,
    mtlsSecretArn,
    kafkaCaSecretArn,
  } = parameters;
  const secret = scramSecretArn ?? scram256SecretArn ?? plainSecretArn ?? mtlsSecretArn ?? kafkaCaSecretArn;
  return kafkaSecretKeyArn !== undefined && secret === undefined
    ? ['--param kafkaSecretKeyArn is the key of a secret, and none is given']
    : [];
};

const timeToStart: Rule = ({ startingPosition, startingTime }) => {
  if ((startingPosition === 'AT_TIMESTAMP') === (startingTime !== undefined)) return [];
  return startingTime === undefined
    ? ['--param startingTime is required with startingPosition=AT_TIMESTAMP']
    : ['--param startingTime needs startingPosition=AT_TIMESTAMP'];
};

const pollersInOrder: Rule = ({ minimumPollers = 1, maximumPollers }) =>
  maximumPollers !== undefined && minimumPollers > maximumPollers
    ? ['--param minimumPollers is more than maximumPollers']
    : [];

const streamOfOwnTables: Rule = ({ keptTables, deadLettersStream }) =>
  keptTables && deadLettersStream
    ? [
        '--param deadLettersStream is for a table that this deploy makes, and with keptTables=on it makes none',
      ]
    : [];

const RULES: readonly Rule[] = [
  arnsHere,
  oneKafka,
  oneWayIn,
  ofItsKafka,
  overTheInternet,
  keyOfASecret,
  keyOfComets,
  timeToStart,
  pollersInOrder,
  streamOfOwnTables,
];

/** What is wrong with parameters that are each right by themselves; of what cannot be read, nothing more is said. */
export const problemsTogether = ({ readable, unreadable }: Read, place: Place): readonly string[] => {
  const isOfUnreadable = (problem: string): boolean =>
    unreadable.some((name) => new RegExp(`\\b${name}\\b`).test(problem));
  return RULES.flatMap((rule) => rule(readable, place)).filter((problem) => !isOfUnreadable(problem));
};
