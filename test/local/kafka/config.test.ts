import { describe, expect, it } from 'vitest';
import { readKafkaConfig } from '../../../local/kafka/config.ts';

const BROKERS = { KAFKA_BROKERS: '127.0.0.1:9092' };

describe('the configuration of a real Kafka', () => {
  it('is none without brokers, whatever else is set', () => {
    expect(readKafkaConfig({})).toBeUndefined();
    expect(readKafkaConfig({ KAFKA_BROKERS: '', KAFKA_TOPIC: 'a topic' })).toBeUndefined();
  });

  it('has defaults for all but the brokers', () => {
    expect(readKafkaConfig({ ...BROKERS, KAFKA_TOPIC: '' })).toEqual({
      brokers: [{ host: '127.0.0.1', port: 9092 }],
      topic: 'goim-push-topic',
      group: 'goim-job',
      start: 'latest',
      tls: false,
    });
  });

  it('takes every variable', () => {
    const env = {
      KAFKA_BROKERS: 'b-1.example:9094, [::1]:9096',
      KAFKA_TOPIC: 'pushes',
      KAFKA_GROUP: 'goim-push-group-job',
      KAFKA_START: 'earliest',
      KAFKA_TLS: 'true',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'me',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    expect(readKafkaConfig(env)).toEqual({
      brokers: [
        { host: 'b-1.example', port: 9094 },
        { host: '::1', port: 9096 },
      ],
      topic: 'pushes',
      group: 'goim-push-group-job',
      start: 'earliest',
      tls: true,
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' },
    });
  });

  it.each(['a', 'a:', ':9092', 'a:0', 'a:65536', 'a:9092,', 'a:b', 'http://a:9092', 'a b:9092'])(
    'does not take %s for brokers',
    (brokers) => {
      expect(() => readKafkaConfig({ KAFKA_BROKERS: brokers })).toThrow('KAFKA_BROKERS is not a list');
    },
  );

  it('names every problem at once, and no value', () => {
    const env = {
      KAFKA_BROKERS: 'value-1',
      KAFKA_TOPIC: 'value 2',
      KAFKA_GROUP: 'value 3',
      KAFKA_START: 'value-4',
      KAFKA_TLS: 'value-5',
      KAFKA_SASL_MECHANISM: 'value-6',
    };
    const problems = [...Object.keys(env)].map((name) => expect.stringMatching(`^${name} `));
    expect(() => readKafkaConfig(env)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', details: { problems } }),
    );
    expect(() => readKafkaConfig(env)).not.toThrow(/value/);
  });

  it.each([
    { KAFKA_SASL_MECHANISM: 'PLAIN' },
    { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'me' },
    { KAFKA_SASL_PASSWORD: 'secret' },
  ])('wants all of SASL or none of it: %o', (sasl) => {
    expect(() => readKafkaConfig({ ...BROKERS, ...sasl })).toThrow('KAFKA_SASL_MECHANISM goes together');
    expect(() => readKafkaConfig({ ...BROKERS, ...sasl })).not.toThrow('secret');
  });
});
