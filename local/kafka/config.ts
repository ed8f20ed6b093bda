import * as v from 'valibot';
import { readConfig } from '../../lib/config.ts';

export interface KafkaBroker {
  readonly host: string;
  readonly port: number;
}

export interface KafkaConfig {
  readonly brokers: readonly KafkaBroker[];
  readonly topic: string;
  readonly group: string;
  /** Where a group begins that has committed nothing yet. */
  readonly start: 'latest' | 'earliest';
  readonly tls: boolean;
  readonly sasl?: KafkaSasl;
}

export interface KafkaSasl {
  readonly mechanism: (typeof MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const NOT_BROKERS = 'is not a list of host:port, with commas between them';
const BROKER = /^(?<host>[^\s:[\]]+|\[[\da-fA-F:]+\]):(?<port>\d{1,5})$/;
const MAX_PORT = 65_535;
/** https://github.com/apache/kafka/blob/4.1.0/clients/src/main/java/org/apache/kafka/common/internals/Topic.java */
const TOPIC = /^[\w.-]{1,249}$/;

/** An empty variable counts as unset. */
const text = (fallback: string) =>
  v.pipe(
    v.optional(v.string(), ''),
    v.transform((value) => (value === '' ? fallback : value)),
  );
const choice = <const T extends string, const F extends string>(options: readonly T[], fallback: F) =>
  v.pipe(
    text(fallback),
    v.picklist<readonly (T | F)[], string>([...options, fallback], `is not one of ${options.join(', ')}`),
  );

const toBroker = (address: string): KafkaBroker => {
  const { host = '', port } = BROKER.exec(address)?.groups ?? {};
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
};
const isBroker = ({ host, port }: KafkaBroker): boolean => host !== '' && port > 0 && port <= MAX_PORT;

/** Apart from the other variables, so that the rule between these is checked whatever is wrong with those. */
const saslSchema = v.pipe(
  v.object({
    KAFKA_SASL_MECHANISM: choice(MECHANISMS, ''),
    KAFKA_SASL_USERNAME: text(''),
    KAFKA_SASL_PASSWORD: text(''),
  }),
  v.forward(
    v.check((sasl) => {
      const set = Object.values(sasl).filter((value) => value !== '');
      return set.length === 0 || set.length === Object.keys(sasl).length;
    }, 'goes together with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: all three or none'),
    ['KAFKA_SASL_MECHANISM'],
  ),
);

const kafkaSchema = v.intersect([
  v.object({
    KAFKA_BROKERS: v.pipe(
      text(''),
      v.transform((list) => list.split(',').map((address) => toBroker(address.trim()))),
      v.check((brokers) => brokers.every(isBroker), NOT_BROKERS),
    ),
    KAFKA_TOPIC: v.pipe(text('goim-push-topic'), v.regex(TOPIC, 'is not a topic name')),
    KAFKA_GROUP: v.pipe(text('goim-job'), v.regex(/^\S+$/, 'has white space in it')),
    KAFKA_START: choice(['latest', 'earliest'], 'latest'),
    KAFKA_TLS: choice(['true', 'false'], 'false'),
  }),
  saslSchema,
]);

/** Undefined: `KAFKA_BROKERS` is not set, so the topic is the embedded one. Throws every problem at once and no value. */
export const readKafkaConfig = (env: NodeJS.ProcessEnv): KafkaConfig | undefined => {
  if ((env['KAFKA_BROKERS'] ?? '') === '') return undefined;
  const config = readConfig(kafkaSchema, env);
  const { KAFKA_SASL_MECHANISM: mechanism } = config;
  return {
    brokers: config.KAFKA_BROKERS,
    topic: config.KAFKA_TOPIC,
    group: config.KAFKA_GROUP,
    start: config.KAFKA_START,
    tls: config.KAFKA_TLS === 'true',
    ...(mechanism !== '' && {
      sasl: { mechanism, username: config.KAFKA_SASL_USERNAME, password: config.KAFKA_SASL_PASSWORD },
    }),
  };
};
