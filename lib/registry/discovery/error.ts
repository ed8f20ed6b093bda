import { ServiceError } from '../../errors.ts';
import { isAxiosError } from '../../http-calls.ts';

/** A node that did not answer, or not with a fleet. Its URL is left out: it may hold a password. */
export const nodeFailed = (problem: string, cause?: unknown): ServiceError =>
  new ServiceError('REGISTRY_FAILED', `A discovery node failed: ${problem}`, {
    retryable: true,
    details: { problem },
    cause,
  });

const TOO_LARGE = /maxContentLength size/;

/** Foreign errors carry the request, and with it the URL: only the socket's own error goes along. */
export const nodeError = (error: unknown, deadline: AbortSignal): ServiceError => {
  if (error instanceof ServiceError) return error;
  if (!isAxiosError(error)) return nodeFailed('it could not be called', error);
  if (deadline.aborted) return nodeFailed('no answer in time');
  if (TOO_LARGE.test(error.message)) return nodeFailed('its answer is too large');
  return nodeFailed(error.code ?? 'unknown', error.cause);
};
