import type { KafkaConfig } from '../local/kafka/config.ts';
import { freePortBase, type LocalProcess, startSet } from '../test/end-to-end/local-process.ts';

const READY_MS = 60_000;

/** `npm start` as it is, ready, on a Kafka; `comets` is for `COMETS`, `args` are its own. */
export const startWholeSet = async (
  { brokers, topic, group }: KafkaConfig,
  comets: string,
  ...args: readonly string[]
): Promise<LocalProcess> => {
  const variables = {
    KAFKA_BROKERS: brokers.map(({ host, port }) => `${host}:${port}`).join(','),
    KAFKA_TOPIC: topic,
    KAFKA_GROUP: group,
    COMETS: comets,
  };
  const local = startSet(variables, '--port-base', `${await freePortBase()}`, ...args);
  await local.waitFor(/^ready/m, READY_MS);
  return local;
};
