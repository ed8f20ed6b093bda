import { MAX_COMET_ROOMS } from '../domain/limits.ts';
import type { Undelivered, UndeliveredCode } from '../domain/outcome.ts';
import { type ErrorDetails, ServiceError } from '../errors.ts';
import { socketCode, tlsProblem } from './tls-problem.ts';

/** A `ServiceError` whose code can stand in an outcome. */
export type CometError = ServiceError & { readonly code: UndeliveredCode };

export const cometFailure = (
  code: UndeliveredCode,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): CometError => new ServiceError(code, message, { retryable: true, details, cause }) as CometError;

/** What is no `ServiceError` is about the one call, which could not be made: the comet is not to blame. */
export const callError = (error: unknown): CometError =>
  error instanceof ServiceError
    ? (error as CometError)
    : cometFailure('COMET_STATUS', 'The call could not be made', {}, error);

/** Of these, what the code alone does not say is worth a place in the log. */
const EXPLAINED: ReadonlySet<string> = new Set([
  'COMET_REPLY_MALFORMED',
  'COMET_STATUS',
  'COMET_TLS',
  'COMET_UNAUTHORIZED',
  'SECRET_FAILED',
]);

export const undeliveredBy = ({ code, message }: CometError): Undelivered =>
  EXPLAINED.has(code) ? { code, detail: message } : { code };

/** The code of the innermost error that has one. */
export const networkOf = (error: unknown): string => {
  const { code, cause, message } = (error ?? {}) as { code?: unknown; cause?: unknown; message?: unknown };
  const inner = cause === undefined ? undefined : networkOf(cause);
  if (inner !== undefined && inner !== 'closed') return inner;
  return typeof code === 'string' ? socketCode(code, String(message)) : 'closed';
};

/** By `networkOf` its failure. */
export const unreachable = (network: string, cause: unknown): CometError => {
  const problem = tlsProblem(network);
  return problem === undefined
    ? cometFailure('COMET_UNREACHABLE', `The comet could not be reached: ${network}`, { network }, cause)
    : cometFailure('COMET_TLS', `No TLS with the comet: ${problem} (${network})`, { network }, cause);
};

/** The connection went before the answer came. */
export const connectionLost = (cause: unknown): CometError => unreachable(networkOf(cause), cause);

export const timeout = (): CometError => cometFailure('COMET_TIMEOUT', 'The comet did not answer in time');

export const malformedReply = (problem: string): CometError =>
  cometFailure('COMET_REPLY_MALFORMED', `The comet's answer is malformed: ${problem}`);

export const tooLarge = (): CometError =>
  cometFailure('COMET_REPLY_TOO_LARGE', 'The comet answered too much');

/** Refused whole: of a list that was cut, nobody could tell which rooms are not there. */
export const tooManyRooms = (rooms: number): CometError =>
  cometFailure('COMET_REPLY_TOO_LARGE', `The comet has more than ${MAX_COMET_ROOMS} rooms`, { rooms });
