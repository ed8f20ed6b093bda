import { givenParameters } from '../../deploy/parameters.ts';
import type { EventOrigin } from '../event-source/batch.ts';
import type { Serverless } from './serverless.ts';

/** What the deployed trigger would be told, as far as the local one can do it. */
export interface Trigger {
  readonly topic: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Where the events say they are from; the brokers are those that are read here. */
  readonly source: Omit<EventOrigin, 'bootstrapServers'>;
}

const UNSET_ARN = 'arn:aws:kafka:us-east-1:000000000000:cluster/local/0';

/** From the parameters, which nobody has to give for the local set. */
export const triggerOf = (serverless: Serverless): Trigger => {
  const given = givenParameters(serverless);
  const isMsk = (given['bootstrapServers'] ?? '') === '';
  return {
    topic: given['topic'] ?? '',
    batchSize: Number(given['batchSize']),
    // Lambda would wait 500 ms if nothing is said; on a developer's machine that is most of the time a push takes, and saves nothing.
    windowMs: Number(given['windowS']) * 1000,
    source: isMsk ? { eventSourceArn: given['clusterArn'] || UNSET_ARN } : {},
  };
};
