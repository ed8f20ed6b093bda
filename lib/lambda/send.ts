import { setTimeout as wait } from 'node:timers/promises';
import { InvokeCommand, type InvokeCommandOutput } from '@aws-sdk/client-lambda';
import type { Chunk } from '../domain/batch.ts';
import { decodeOutcomes, encodeDelivery } from '../domain/delivery-payload.ts';
import type { Comet } from '../domain/fleet.ts';
import { type Outcome, type UndeliveredCode, undelivered } from '../domain/outcome.ts';
import { openLambda } from './client.ts';

export interface InvokeOptions {
  readonly functionName: string;
  /** Called before an Invoke that was throttled is tried again. */
  readonly onRetry: () => void;
}

const FIRST_BACK_OFF_MS = 100;
const MAX_BACK_OFF_MS = 2_000;
/** Lambda's answers that mean that the function did not run. */
const NOT_RUN: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'EC2ThrottledException',
  'ThrottlingException',
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const replyOf = (payload: Uint8Array | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString());
  } catch {
    return undefined;
  }
};

const outcomesOf = (
  { FunctionError, Payload }: InvokeCommandOutput,
  count: number,
): Outcome[] | UndeliveredCode => {
  if (FunctionError !== undefined) return 'DELIVER_FAILED';
  return decodeOutcomes(replyOf(Payload), count) ?? 'DELIVER_FAILED';
};

/** Sends chunks through the `deliver` function, one Invoke each. Throttled: not run, so tried again until `startBy`. */
export const createInvokeSend = ({ functionName, onRetry }: InvokeOptions) => {
  const lambda = openLambda();

  const invoke = async (payload: Uint8Array, count: number): Promise<Outcome[] | UndeliveredCode> => {
    try {
      return outcomesOf(
        await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: payload })),
        count,
      );
    } catch (error) {
      return NOT_RUN.has(nameOf(error)) ? 'DELIVER_THROTTLED' : 'DELIVER_UNANSWERED';
    }
  };

  return async (
    comet: Comet,
    chunk: Chunk,
    { timeoutMs, startBy }: { readonly timeoutMs: number; readonly startBy: number },
  ): Promise<Outcome[]> => {
    const payload = encodeDelivery(comet, timeoutMs, chunk);
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, MAX_BACK_OFF_MS)) {
      const answer = await invoke(payload, chunk.ops.length);
      if (typeof answer !== 'string') return answer;
      const pauseMs = backOffMs * (0.5 + Math.random() / 2);
      if (answer !== 'DELIVER_THROTTLED' || Date.now() + pauseMs > startBy) {
        return chunk.ops.map(() => undelivered(answer));
      }
      onRetry();
      await wait(pauseMs);
    }
  };
};
