import type { AxiosResponse } from 'axios';
import { ServiceError } from '../../errors.ts';
import { isAxiosError } from '../../http-calls.ts';
import { type CometError, cometFailure, timeout, tooLarge } from '../error.ts';

const TOO_LARGE = /maxContentLength size/;
/** A comet that is busy and names no time is asked again after this long. */
const DEFAULT_RETRY_AFTER_MS = 200;

/** Foreign errors carry the request, and with it bodies and the token: only the socket's own error goes along. */
export const cometError = (error: unknown, deadline: AbortSignal): CometError => {
  if (error instanceof ServiceError) return error as CometError;
  if (!isAxiosError(error))
    return cometFailure('COMET_UNREACHABLE', 'The comet could not be called', {}, error);
  if (deadline.aborted) return timeout();
  if (TOO_LARGE.test(error.message)) return tooLarge();
  const network = error.code ?? 'unknown';
  return cometFailure(
    'COMET_UNREACHABLE',
    `The comet could not be reached: ${network}`,
    { network },
    error.cause,
  );
};

/** Seconds; a date, which the API does not use, counts as absent. */
const retryAfterMs = (response: AxiosResponse): number => {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
};

/** An answer with another status than the API's own for success. */
export const statusError = (response: AxiosResponse): CometError => {
  const { status } = response;
  return status === 429 || status === 503
    ? cometFailure('COMET_BUSY', `The comet says not now (${status})`, {
        status,
        retryAfterMs: retryAfterMs(response),
      })
    : cometFailure('COMET_STATUS', `The comet answered ${status}`, { status });
};
