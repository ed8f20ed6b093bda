import { getFrom } from '../../local/commands/http.ts';
import { problemOf } from '../../local/kafka/client.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { HOST } from '../../local/ports.ts';
import type { PartitionLag } from '../../local/topic/topic.ts';
import type { Place } from '../place.ts';

/** How far the consumer group is behind the topic's end. */
export type LagStatus =
  | { readonly topic: string; readonly partitions: readonly PartitionLag[] }
  | { readonly unknown: string };

const ofKafka = async (config: KafkaConfig): Promise<LagStatus> => {
  // The library takes 0.3 s to load: only if it is asked for.
  const { readKafkaLag } = await import('../../local/kafka/lag.ts');
  return { topic: config.topic, partitions: await readKafkaLag(config) };
};

const ofLocalSet = async (port: number): Promise<LagStatus> => {
  const { status, body } = await getFrom(`http://${HOST}:${port}/lag`);
  if (status === 200) return body as LagStatus;
  return { unknown: (body as { message?: string }).message ?? `the local set answered ${status}` };
};

/** Of this Kafka, else of the local set's own topic; of a stage's Kafka nothing else here knows. Never rejects. */
export const readLag = async (
  { ports }: Pick<Place, 'ports'>,
  kafka: KafkaConfig | undefined,
): Promise<LagStatus> => {
  const asked = () => {
    if (kafka !== undefined) return ofKafka(kafka);
    if (ports !== undefined) return ofLocalSet(ports.topic);
    return {
      unknown: "OffsetLag on the stage's dashboard, or with KAFKA_BROKERS, KAFKA_TOPIC and KAFKA_GROUP",
    };
  };
  try {
    return await asked();
  } catch (error) {
    return { unknown: problemOf(error) };
  }
};
