import { expect, it } from 'vitest';
import { readKafkaConfig } from '../../../local/kafka/config.ts';
import { kafkaSource } from '../../../local/set/record-source.ts';

it('names brokers as they were given, IPv6 addresses in their brackets', async () => {
  const brokers = '[::1]:9092,10.0.0.1:9093,kafka.example:9094';
  const config = readKafkaConfig({ KAFKA_BROKERS: brokers });
  if (config === undefined) throw new Error('no brokers');
  const source = await kafkaSource(config, () => {});
  expect(source.bootstrapServers).toBe(brokers);
  await source.close();
});
