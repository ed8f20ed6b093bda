import { setTimeout as wait } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CONNECT_MS } from '../../lib/domain/limits.ts';
import { partitionName } from '../../lib/domain/push-message.ts';
import type { EventRecord } from './content.ts';
import { DISPATCH_CLIENT_MS, INVOKE_ATTEMPTS, INVOKE_BACK_OFF_MS } from './replay-limits.ts';

/** For their comets, or for one `only`. Undefined: `dispatch` has dealt with all of them; else why not, or why nobody knows. */
export type DispatchAgain = (records: readonly EventRecord[], only?: string) => Promise<string | undefined>;

/** The function did not run. */
const THROTTLED: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'EC2ThrottledException',
  'ThrottlingException',
]);
/** A code or an error's name, and no text that could quote anything. */
const NAME = /^[\w.]{1,64}$/;

const nameIn = (payload: Uint8Array | undefined): string => {
  try {
    const { errorType } = JSON.parse(Buffer.from(payload ?? []).toString());
    return NAME.test(errorType) ? errorType : 'an error';
  } catch {
    return 'an error';
  }
};

const eventOf = (records: readonly EventRecord[], only: string | undefined): Buffer => {
  const byPartition = Object.fromEntries(Map.groupBy(records, partitionName));
  return Buffer.from(
    JSON.stringify({ eventSource: 'aws:kafka', replayed: true, only, records: byPartition }),
  );
};

const openLambda = (): LambdaClient =>
  new LambdaClient({
    // The SDK's own retries would repeat an event while the first still runs.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: DISPATCH_CLIENT_MS,
      throwOnRequestTimeout: true,
    },
  });

/** Sends records through the `dispatch` function, as an event source would, and waits for its answer. */
export const createDispatchAgain = (functionName: string): DispatchAgain => {
  let lambda: LambdaClient | undefined;

  const invoke = async (payload: Uint8Array): Promise<string | undefined> => {
    lambda ??= openLambda();
    try {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: functionName, Payload: payload }),
      );
      return FunctionError === undefined ? undefined : `dispatch failed: ${nameIn(Payload)}`;
    } catch (error) {
      return error instanceof Error ? error.name : typeof error;
    }
  };

  return async (records, only) => {
    const payload = eventOf(records, only);
    for (let attempt = 1; ; attempt++) {
      const problem = await invoke(payload);
      if (problem === undefined || !THROTTLED.has(problem) || attempt === INVOKE_ATTEMPTS) return problem;
      await wait(INVOKE_BACK_OFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
  };
};
