import { Agent } from 'node:https';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CONNECT_MS, INVOKE_CLIENT_MS, MAX_OPEN_CALLS } from '../domain/limits.ts';

/** One attempt: the SDK's own retries would repeat a delivery, also after a time-out, while the first still runs. */
export const openLambda = (): LambdaClient =>
  new LambdaClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: INVOKE_CLIENT_MS,
      throwOnRequestTimeout: true,
      httpsAgent: new Agent({ keepAlive: true, maxSockets: MAX_OPEN_CALLS }),
      httpAgent: { keepAlive: true, maxSockets: MAX_OPEN_CALLS },
    },
  });
