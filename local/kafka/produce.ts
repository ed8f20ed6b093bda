import { type MessageToProduce, ProduceAcks, Producer } from '@platformatic/kafka';
import { CommandError } from '../commands/arguments.ts';
import type { ProducedRecord } from '../commands/produce.ts';
import { type Position, partitionOf } from '../topic/topic.ts';
import { clientOptions, problemOf } from './client.ts';
import type { KafkaConfig } from './config.ts';

/** Appends to a real topic, as goim's logic does. */
export interface KafkaProducer {
  /** Where the first record of each partition stands. Rejects with a `CommandError`. */
  send(topic: string, records: readonly ProducedRecord[]): Promise<readonly Position[]>;
  close(): Promise<void>;
}

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>;

const toMessage = (topic: string, { key, value }: ProducedRecord): Message => ({
  topic,
  ...(key !== null && { key }),
  ...(value !== null && { value }),
});

export const openKafkaProducer = (config: KafkaConfig): KafkaProducer => {
  let keyless = 0;
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(config),
    acks: ProduceAcks.ALL,
    partitioner: ({ topic }, key, { metadata }) => {
      const partitions = metadata?.topics.get(topic)?.partitionsCount ?? 1;
      if (key !== undefined) return partitionOf(key, partitions);
      keyless += 1;
      return (keyless - 1) % partitions;
    },
  });
  return {
    send: async (topic, records) => {
      try {
        // The partitioner counts partitions by what was read before.
        await producer.metadata({ topics: [topic] });
        const { offsets = [] } = await producer.send({
          messages: records.map((one) => toMessage(topic, one)),
        });
        return offsets.map(({ partition, offset }) => ({ partition, offset: Number(offset) }));
      } catch (error) {
        throw new CommandError(`Kafka did not take it: ${problemOf(error)}`);
      }
    },
    close: () => producer.close(),
  };
};

export const produceToKafka = async (
  config: KafkaConfig,
  topic: string,
  records: readonly ProducedRecord[],
): Promise<readonly Position[]> => {
  const producer = openKafkaProducer(config);
  return producer.send(topic, records).finally(() => producer.close());
};
