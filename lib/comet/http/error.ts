import type { AxiosResponse } from 'axios';
import { MAX_REQUEST_BYTES } from '../../domain/limits.ts';
import { ServiceError } from '../../errors.ts';
import { isAxiosError } from '../../http-calls.ts';
import { type CometError, cometFailure, networkOf, timeout, tooLarge, unreachable } from '../error.ts';

const TOO_LARGE = /maxContentLength size/;

/** Foreign errors carry the request, and with it bodies and the token: only the socket's own error goes along. */
export const cometError = (error: unknown, deadline: AbortSignal): CometError => {
  if (error instanceof ServiceError) return error as CometError;
  if (!isAxiosError(error))
    return cometFailure('COMET_UNREACHABLE', 'The comet could not be called', {}, error);
  if (deadline.aborted) return timeout();
  if (TOO_LARGE.test(error.message)) return tooLarge();
  return unreachable(networkOf(error), error.cause);
};

/** Seconds, or a date; what is neither, or over, counts as absent. */
const retryAfter = (response: AxiosResponse): { retryAfterMs?: number } => {
  const text = String(response.headers['retry-after'] ?? '');
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? { retryAfterMs: ms } : {};
};

/** Where to look, by the status that servers and proxies give for it. */
const hintOf = (status: number): string => {
  switch (status) {
    case 403:
      return 'it does not let this caller in, or not this request';
    case 404:
    case 405:
      return 'its address is not the API’s, or its base path';
    case 413:
      return `it must take requests of ${MAX_REQUEST_BYTES / 2 ** 20} MiB`;
    default:
      return status < 400 ? 'the API has no such answer' : 'its log says why';
  }
};

/** An answer with another status than the API's own for success. */
export const statusError = (response: AxiosResponse): CometError => {
  const { status } = response;
  if (status === 401)
    return cometFailure('COMET_UNAUTHORIZED', 'The comet answered 401: it wants another token', { status });
  return status === 429 || status === 503
    ? cometFailure('COMET_BUSY', `The comet says not now (${status})`, {
        status,
        ...retryAfter(response),
      })
    : cometFailure('COMET_STATUS', `The comet answered ${status}: ${hintOf(status)}`, { status });
};
