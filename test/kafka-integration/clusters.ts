import { startBroker } from './broker/start-broker.ts';

/** A Kafka that a suite runs against. */
export interface Cluster {
  /** For `KAFKA_BROKERS`. */
  readonly address: string;
  /** Absent: it is not ours, so we neither kill it nor know its other listeners. */
  readonly own?: OwnCluster;
  close(): Promise<void>;
}

export interface OwnCluster {
  readonly saslAddress: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** goim's users are on 3.x, since stock goim logic does not speak to 4. */
const VERSIONS = ['4.1.0', '3.9.1'];

const external = process.env['KAFKA_BROKERS'] ?? '';

/** Each Kafka to run against: the user's, or ours in each version. */
export const CLUSTERS: readonly { name: string; isOwn: boolean; open: () => Promise<Cluster> }[] =
  external === ''
    ? VERSIONS.map((version) => ({
        name: `Kafka ${version}`,
        isOwn: true,
        open: async () => {
          const broker = await startBroker(version);
          return { address: broker.address, own: broker, close: broker.close };
        },
      }))
    : [
        {
          name: `Kafka at ${external}`,
          isOwn: false,
          open: async () => ({ address: external, close: async () => {} }),
        },
      ];
