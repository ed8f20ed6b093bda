import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { HOST } from '../local/ports.ts';
import type { Place } from './place.ts';

const SERVICE = 'goim-job';

/** A deployed set, or the local one. */
export interface Stage {
  readonly db: DynamoDBClient;
  /** Of a table or function, as serverless.yml makes it. */
  name(what: string): string;
  close(): void;
}

type StagePorts = Pick<NonNullable<Place['ports']>, 'tables' | 'lambda'>;

/** Through the environment, where every client looks. Real credentials never meet the local endpoints. */
const useLocalSet = ({ tables, lambda }: StagePorts): void => {
  delete process.env['AWS_SESSION_TOKEN'];
  delete process.env['AWS_PROFILE'];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${HOST}:${tables}`,
    AWS_ENDPOINT_URL_LAMBDA: `http://${HOST}:${lambda}`,
  });
};

export const openStage = ({ stage, ports }: Pick<Place, 'stage'> & { ports?: StagePorts }): Stage => {
  if (ports !== undefined) useLocalSet(ports);
  const db = openDynamoDb();
  return { db, name: (what) => `${SERVICE}-${stage}-${what}`, close: () => db.destroy() };
};
