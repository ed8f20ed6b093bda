import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** In the thread of a sandbox: calls the function's handler as Lambda's runtime does, one event after the other. */

export interface ThreadData {
  /** The bundle. */
  readonly file: string;
  readonly functionName: string;
}

export interface Call {
  /** The event, as JSON. */
  readonly payload: string;
  readonly requestId: string;
  readonly limitMs: number;
}

/** `result` is JSON; what a handler rejects with comes as Lambda tells it. */
export type Answer =
  | { readonly result: string }
  | { readonly errorType: string; readonly errorMessage: string };

const { file, functionName } = workerData as ThreadData;
const { handler } = createRequire(file)(file) as {
  handler: (event: unknown, context: object) => Promise<unknown>;
};

const answer = async ({ payload, requestId, limitMs }: Call): Promise<Answer> => {
  const endsAt = performance.now() + limitMs;
  const context = {
    functionName,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAt - performance.now())),
  };
  try {
    return { result: JSON.stringify(await handler(JSON.parse(payload), context)) ?? 'null' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return { errorType: name, errorMessage: message };
  }
};

parentPort?.on('message', async (call: Call) => parentPort?.postMessage(await answer(call)));
