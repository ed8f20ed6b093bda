import type { KafkaConfig } from '../kafka/config.ts';
import { HOST } from '../ports.ts';
import { readKafkaVariables } from './kafka-variables.ts';
import { produceTo } from './produce.ts';
import { PUSH_USAGE, readPushArguments } from './push-arguments.ts';
import type { PushRecord } from './push-record.ts';
import { runCommand } from './run-command.ts';

const EMBEDDED_TOPIC = 'goim-push-topic';

const sendToKafka = async (kafka: KafkaConfig, topic: string, record: PushRecord) => {
  // The library takes 0.3 s to load: only if it is asked for.
  const { produceToKafka } = await import('../kafka/produce.ts');
  return produceToKafka(kafka, topic, [record]);
};

await runCommand(PUSH_USAGE, async (args) => {
  const push = readPushArguments(args);
  const kafka = readKafkaVariables();
  const { topic = kafka?.topic ?? EMBEDDED_TOPIC, topicPort, record } = push;
  const [position] =
    kafka === undefined
      ? await produceTo(`http://${HOST}:${topicPort}`, topic, [record])
      : await sendToKafka(kafka, topic, record);
  console.log(`${topic} partition ${position?.partition} offset ${position?.offset}`);
});
