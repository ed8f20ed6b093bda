import axios, { type AxiosResponse } from 'axios';
import { MAX_COMET_ROOMS } from '../../domain/limits.ts';
import type { UndeliveredCode } from '../../domain/outcome.ts';
import { type ErrorDetails, ServiceError } from '../../errors.ts';

/** A `ServiceError` whose code can stand in an outcome. */
export type CometError = ServiceError & { readonly code: UndeliveredCode };

const TOO_LARGE = /maxContentLength size/;
/** A comet that is busy and names no time is asked again after this long. */
const DEFAULT_RETRY_AFTER_MS = 200;

const cometFailure = (
  code: UndeliveredCode,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): CometError => new ServiceError(code, message, { retryable: true, details, cause }) as CometError;

/** Foreign errors carry the request, and with it bodies and the token: only the socket's own error goes along. */
export const cometError = (error: unknown, deadline: AbortSignal): CometError => {
  if (error instanceof ServiceError) return error as CometError;
  if (!axios.isAxiosError(error))
    return cometFailure('COMET_UNREACHABLE', 'The comet could not be called', {}, error);
  if (deadline.aborted) return cometFailure('COMET_TIMEOUT', 'The comet did not answer in time');
  if (TOO_LARGE.test(error.message))
    return cometFailure('COMET_REPLY_TOO_LARGE', 'The comet answered too much');
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

export const malformedReply = (problem: string): CometError =>
  cometFailure('COMET_REPLY_MALFORMED', `The comet's answer is malformed: ${problem}`);

/** Refused whole: of a list that was cut, nobody could tell which rooms are not there. */
export const tooManyRooms = (rooms: number): CometError =>
  cometFailure('COMET_REPLY_TOO_LARGE', `The comet has more than ${MAX_COMET_ROOMS} rooms`, { rooms });
