import { InvokeCommand } from '@aws-sdk/client-lambda';
import { MAX_WAKE_PARTITIONS, WAKE_CALL_MS } from '../domain/limits.ts';
import type { Wake } from '../domain/wake.ts';
import { ServiceError } from '../errors.ts';
import { openLambda } from './client.ts';

const WAKE_VERSION = 1;

/** Starts `redeliver` for one comet, by an Event: its end is not waited for. Rejects with `REDELIVER_UNREACHED`. */
export const createWake = (functionName: string) => {
  const lambda = openLambda();
  return async ({ comet, partitions }: Wake): Promise<void> => {
    // Those that are left out are in the table, where the one that is woken looks.
    const wake = { v: WAKE_VERSION, comet, partitions: partitions.slice(0, MAX_WAKE_PARTITIONS) };
    const invoke = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(wake)),
    });
    try {
      await lambda.send(invoke, { abortSignal: AbortSignal.timeout(WAKE_CALL_MS) });
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : typeof cause;
      throw new ServiceError('REDELIVER_UNREACHED', `redeliver could not be woken: ${name}`, {
        retryable: true,
        details: { name },
        cause,
      });
    }
  };
};

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Undefined: the event is not a wake of this version, and so a reason to sweep. */
export const readWake = (event: unknown): Wake | undefined => {
  if (typeof event !== 'object' || event === null) return undefined;
  const { v, comet, partitions } = event as Record<string, unknown>;
  const isWake = v === WAKE_VERSION && typeof comet === 'string' && comet !== '' && isStrings(partitions);
  return isWake ? { comet, partitions } : undefined;
};
