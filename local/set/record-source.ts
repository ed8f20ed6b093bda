import type { RecordReader } from '../event-source/event-source.ts';
import type { KafkaBroker, KafkaConfig } from '../kafka/config.ts';
import type { Topic } from '../topic/topic.ts';

/** Where the event source's records come from. */
export interface RecordSource {
  readonly reader: RecordReader;
  /** As the event names them. */
  readonly bootstrapServers: string;
  readonly topicName: string;
  /** Kafka REST Proxy's API, like `http://127.0.0.1:3100`; absent: a real Kafka, to which nothing is written here. */
  readonly produceUrl?: string;
  /** There with `produceUrl`. */
  readonly append?: Topic['append'];
  /** Begins to read, once the functions can be called; resolves when it does, and rejects if it cannot. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export const embeddedSource = (topic: Topic, produceUrl: string): RecordSource => ({
  reader: topic,
  bootstrapServers: produceUrl.replace('http://', ''),
  topicName: topic.name,
  produceUrl,
  append: topic.append,
  start: async () => {},
  close: async () => {},
});

/** An IPv6 address keeps its brackets. */
const addressOf = ({ host, port }: KafkaBroker): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const kafkaSource = async (
  config: KafkaConfig,
  log: (line: string) => void,
): Promise<RecordSource> => {
  // The library takes 0.3 s to load: only if it is asked for.
  const { openKafkaReader } = await import('../kafka/reader.ts');
  const reader = openKafkaReader({ config, log: (line) => log(`kafka: ${line}`) });
  return {
    reader,
    bootstrapServers: config.brokers.map(addressOf).join(','),
    topicName: config.topic,
    start: reader.start,
    close: reader.close,
  };
};
