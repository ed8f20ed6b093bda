import { setTimeout as wait } from 'node:timers/promises';
import { InvokeCommand, type InvokeCommandOutput } from '@aws-sdk/client-lambda';
import type { Chunk } from '../domain/batch.ts';
import { decodeOutcomes, encodeDelivery, encodeDeliveryBlocks } from '../domain/delivery-payload.ts';
import type { Comet } from '../domain/fleet.ts';
import { MAX_BLOCK_BYTES, MAX_WHOLE_BYTES } from '../domain/limits.ts';
import { type Outcome, type UndeliveredCode, undelivered } from '../domain/outcome.ts';
import { openLambda } from './client.ts';
import { streamBody } from './stream-body.ts';

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

/** Of a payload, besides those that are whole: a block of it. */
const heldBytes = ({ ops, bytes }: Chunk): number => {
  if (bytes <= MAX_BLOCK_BYTES) return bytes;
  const block = ops.reduce((max, op) => Math.max(max, op.bytes), MAX_BLOCK_BYTES);
  return Math.min(bytes, block);
};

interface Delivering {
  readonly comet: Comet;
  readonly chunk: Chunk;
  readonly timeoutMs: number;
}

/** Sends chunks through the `deliver` function, one Invoke each. Throttled: not run, so tried again until `startBy`. */
export const createInvokeSender = ({ functionName: FunctionName, onRetry }: InvokeOptions) => {
  const lambda = openLambda();

  /** Payloads that are whole in memory. */
  let wholeBytes = 0;

  const whole = async ({ comet, chunk, timeoutMs }: Delivering): Promise<InvokeCommandOutput> => {
    wholeBytes += chunk.bytes;
    try {
      const Payload = encodeDelivery(comet, timeoutMs, chunk);
      return await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    } finally {
      wholeBytes -= chunk.bytes;
    }
  };

  const streamed = ({ comet, chunk, timeoutMs }: Delivering): Promise<InvokeCommandOutput> => {
    const command = new InvokeCommand({ FunctionName, Payload: new Uint8Array() });
    streamBody(command, (allocate) =>
      encodeDeliveryBlocks(comet, timeoutMs, chunk, MAX_BLOCK_BYTES, allocate),
    );
    return lambda.send(command);
  };

  const invoke = async (delivering: Delivering): Promise<Outcome[] | UndeliveredCode> => {
    const { bytes, ops } = delivering.chunk;
    const isWhole = bytes <= MAX_BLOCK_BYTES || wholeBytes + bytes <= MAX_WHOLE_BYTES;
    try {
      return outcomesOf(await (isWhole ? whole(delivering) : streamed(delivering)), ops.length);
    } catch (error) {
      return NOT_RUN.has(nameOf(error)) ? 'DELIVER_THROTTLED' : 'DELIVER_UNANSWERED';
    }
  };

  const send = async (
    comet: Comet,
    chunk: Chunk,
    { timeoutMs, startBy }: { readonly timeoutMs: number; readonly startBy: number },
  ): Promise<Outcome[]> => {
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, MAX_BACK_OFF_MS)) {
      const answer = await invoke({ comet, chunk, timeoutMs });
      if (typeof answer !== 'string') return answer;
      const pauseMs = backOffMs * (0.5 + Math.random() / 2);
      if (answer !== 'DELIVER_THROTTLED' || Date.now() + pauseMs > startBy) {
        return chunk.ops.map(() => undelivered(answer));
      }
      onRetry();
      await wait(pauseMs);
    }
  };

  return { send, heldBytes };
};
