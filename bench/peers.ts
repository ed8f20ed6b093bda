import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { type Child, startChild } from './child.ts';

/** What the measured code talks to, each in a process of its own so that only our CPU counts. */
export interface Peers {
  readonly comet: string;
  readonly grpcComet: string;
  readonly lambda: string;
  readonly dynamodb: string;
  /** Table names by logical id of serverless.yml. */
  readonly tables: Readonly<Record<string, string>>;
}

interface Address {
  readonly address: string;
}

/** How long the Invoke API of the memory rows, or their comet, holds a request back, so that payloads in flight pile up as they do in AWS. */
export const HELD_MS = 50;

export const startPeer = <Ready>(name: string, args: readonly string[] = []): Promise<Child<Ready>> =>
  startChild(new URL(`./peers/${name}.ts`, import.meta.url), { args });

/** `slowLambda` is the Invoke API of the memory rows. */
export const startPeers = async (): Promise<{
  readonly peers: Peers;
  readonly slowLambda: string;
  stop(): Promise<void>;
}> => {
  const [comet, grpcComet, lambda, slowLambda, tables] = await Promise.all([
    startPeer<Address>('comet'),
    startPeer<Address>('grpc-comet'),
    startPeer<Address>('lambda'),
    startPeer<Address>('lambda', [String(HELD_MS)]),
    startPeer<Address & Pick<Peers, 'tables'>>('tables'),
  ]);
  return {
    peers: {
      comet: comet.ready.address,
      grpcComet: grpcComet.ready.address,
      lambda: lambda.ready.address,
      dynamodb: tables.ready.address,
      tables: tables.ready.tables,
    },
    slowLambda: slowLambda.ready.address,
    stop: async () => {
      await Promise.all([comet, grpcComet, lambda, slowLambda, tables].map((child) => child.stop()));
    },
  };
};

/** The environment that leads the AWS SDK to them. */
export const awsEnvironment = ({
  lambda,
  dynamodb,
}: Pick<Peers, 'lambda' | 'dynamodb'>): Record<string, string> => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL_LAMBDA: lambda,
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
});

/** The tables, for who fills them before a row. */
export const openPeerTables = ({ dynamodb }: Peers): DynamoDBClient =>
  openDynamoDb({
    endpoint: dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
