import { setTimeout as pause } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  type DynamoDBClientConfig,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
import { CONNECT_MS, STORE_ATTEMPTS, STORE_BACK_OFF_MS, STORE_CALL_MS } from '../domain/limits.ts';
import { type ErrorCode, ServiceError } from '../errors.ts';

export type Item = Record<string, AttributeValue>;

const THROTTLED = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TooManyRequestsException',
];
/** Raised before a request is sent: `Region is missing`, `Region not accepted: …`. */
const UNSENT = /^CredentialsProviderError|^Error: Region /;

/** What is not known to have been refused may have been done: a 5xx says as little of a write as silence does. */
const codeOf = (error: unknown): ErrorCode => {
  const name = error instanceof Error ? error.name : '';
  if (THROTTLED.includes(name)) return 'STORE_THROTTLED';
  if (UNSENT.test(String(error))) return 'STORE_FAILED';
  const status = error instanceof DynamoDBServiceException ? error.$metadata.httpStatusCode : undefined;
  return status !== undefined && status < 500 ? 'STORE_FAILED' : 'STORE_UNANSWERED';
};

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  STORE_THROTTLED: 'DynamoDB has throttled a request',
  STORE_FAILED: 'DynamoDB has refused a request',
  STORE_UNANSWERED: 'DynamoDB has not answered a request: whether it was done is not known',
};

/** `STORE_THROTTLED`, `STORE_UNANSWERED` or `STORE_FAILED`; only the last is not worth another attempt. */
const toServiceError = (cause: unknown, operation: string, table: string | undefined): ServiceError => {
  const code = codeOf(cause);
  const name = cause instanceof Error ? cause.name : typeof cause;
  return new ServiceError(code, `${MESSAGES[code]} (${operation}: ${name})`, {
    retryable: code !== 'STORE_FAILED',
    details: { operation, ...(table === undefined ? {} : { table }), name },
    cause,
  });
};

/** A batch is of one table. */
const tableOf = (input: object): string | undefined => {
  const { TableName, RequestItems = {} } = input as { TableName?: string; RequestItems?: object };
  return TableName ?? Object.keys(RequestItems)[0];
};

/**
 * The client of every store. It makes one attempt a call, because a write that is repeated behind a lease's back may
 * outlive it, and rejects with a `ServiceError`, except for a condition that did not hold: see `conditional`.
 */
export const openDynamoDb = (options: DynamoDBClientConfig = {}): DynamoDBClient => {
  const client = new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: STORE_CALL_MS,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50 },
    },
    ...options,
  });
  client.middlewareStack.add(
    (next, { commandName = 'request' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) throw error;
          throw toServiceError(error, commandName, tableOf(args.input));
        }
      },
    { name: 'serviceError', step: 'initialize', priority: 'high' },
  );
  return client;
};

/** The body's time counts too: the client's own time-out ends with the head of the answer. */
export const callOptions = (): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(STORE_CALL_MS),
});

/** Whether the write's condition held. */
export const conditional = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** Before attempt 1, 2, …; attempt 0 needs none. */
export const backOff = (attempt: number): Promise<void> =>
  pause(STORE_BACK_OFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));

const isRetryable = (error: unknown): boolean => error instanceof ServiceError && error.retryable;

/** For what may be repeated: reads. */
export const attempted = async <T>(call: () => Promise<T>, attempt = 1): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (attempt >= STORE_ATTEMPTS || !isRetryable(error)) throw error;
  }
  await backOff(attempt);
  return attempted(call, attempt + 1);
};
