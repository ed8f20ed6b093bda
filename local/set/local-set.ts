import type { Op } from '../../lib/domain/op.ts';
import { type ReferenceComet, startReferenceComet } from '../comet/reference-comet.ts';
import type { KafkaConfig } from '../kafka/config.ts';
import { HOST, type Ports } from '../ports.ts';
import { startTables } from '../tables.ts';
import { startTopicServer } from '../topic/server.ts';
import { createTopic } from '../topic/topic.ts';
import { embeddedSource, kafkaSource, type RecordSource } from './record-source.ts';

export interface LocalSetOptions {
  readonly ports: Ports;
  /** Of the embedded topic. */
  readonly topicName: string;
  /** Read instead of the embedded topic. */
  readonly kafka?: KafkaConfig | undefined;
  readonly hasComets: boolean;
  /** Of which stage the tables' names are. */
  readonly stage: string;
  /** Asked for by the comets over HTTP, if given; the one of the moment. */
  readonly cometToken?: (() => string) | undefined;
  readonly say: (line: string) => void;
  /** What goes wrong, on stderr. */
  readonly warn: (line: string) => void;
}

/** What stands in for DynamoDB, and for Kafka and the gateways unless there are real ones. */
export interface LocalSet {
  readonly source: RecordSource;
  readonly comets: readonly ReferenceComet[];
  readonly tablesUrl: string;
  /** Calls it with each op that a comet takes or refuses; a stock comet is told no id. */
  onOp(listener: (comet: string, op: Op) => void): void;
  close(): Promise<void>;
}

/**
 * The topic is as old as the process, and what a gateway remembers is older: by the clock no offset comes again after a restart,
 * unless a partition took more than a million records a second.
 */
const OFFSETS_A_MS = 1_000;

interface Closable {
  close(): Promise<void>;
}

const startEach = async (
  { ports, topicName, kafka, hasComets, stage, cometToken, say, warn }: LocalSetOptions,
  keep: <T extends Closable>(started: T) => T,
): Promise<Omit<LocalSet, 'close'>> => {
  const comets: ReferenceComet[] = [];
  let notify: (comet: string, op: Op) => void = () => {};
  for (const { id, clients, api, rpc, wire } of hasComets ? ports.comets : []) {
    const wires = {
      grpcPort: wire === 'grpc' ? rpc : undefined,
      gorpcPort: wire === 'gorpc' ? rpc : undefined,
    };
    const at = { host: HOST, clientPort: clients, apiPort: api, ...wires };
    comets.push(
      keep(
        await startReferenceComet({ id, ...at, token: cometToken, log: say, onOp: (op) => notify(id, op) }),
      ),
    );
  }
  const topic = createTopic({ name: topicName, firstOffset: Date.now() * OFFSETS_A_MS });
  const served = kafka === undefined ? topic : undefined;
  const server = keep(await startTopicServer({ topic: served, comets, host: HOST, port: ports.topic }));
  const tables = keep(await startTables({ host: HOST, port: ports.tables, stage }));
  const source =
    kafka === undefined ? embeddedSource(topic, server.url) : keep(await kafkaSource(kafka, warn));
  const onOp: LocalSet['onOp'] = (listener) => {
    notify = listener;
  };
  return { source, comets, tablesUrl: tables.endpoint, onOp };
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
