import { type ReferenceComet, startReferenceComet } from './comet/reference-comet.ts';
import { HOST, type Ports } from './ports.ts';
import { startTables } from './tables.ts';
import { createTopic, type Topic } from './topic.ts';
import { startTopicServer } from './topic-server.ts';

export interface LocalSetOptions {
  readonly ports: Ports;
  readonly topicName: string;
  /** Of which stage the tables' names are. */
  readonly stage: string;
  /** Asked for by the comets, if given. */
  readonly cometToken?: string | undefined;
  readonly log: (line: string) => void;
}

/** What stands in for Kafka, DynamoDB and the gateways. */
export interface LocalSet {
  readonly topic: Topic;
  readonly comets: readonly ReferenceComet[];
  /** Like `http://127.0.0.1:3100`. */
  readonly topicUrl: string;
  readonly tablesUrl: string;
  close(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

const startEach = async (
  { ports, topicName, stage, cometToken, log }: LocalSetOptions,
  keep: <T extends Closable>(started: T) => T,
): Promise<Omit<LocalSet, 'close'>> => {
  const topic = createTopic({ name: topicName });
  const comets: ReferenceComet[] = [];
  for (const { id, clients, api } of ports.comets) {
    const options = { id, host: HOST, clientPort: clients, apiPort: api, token: cometToken, log };
    comets.push(keep(await startReferenceComet(options)));
  }
  const server = keep(await startTopicServer({ topic, comets, host: HOST, port: ports.topic }));
  const tables = keep(await startTables({ host: HOST, port: ports.tables, stage }));
  return { topic, comets, topicUrl: server.url, tablesUrl: tables.endpoint };
};

/** Rejects with Node's own error if a port is taken, and leaves nothing open then. */
export const startLocalSet = async (options: LocalSetOptions): Promise<LocalSet> => {
  const started: Closable[] = [];
  const close = async () => {
    await Promise.all(started.map((one) => one.close()));
  };
  const keep = <T extends Closable>(one: T): T => {
    started.push(one);
    return one;
  };
  try {
    return { ...(await startEach(options, keep)), close };
  } catch (error) {
    await close();
    throw error;
  }
};
