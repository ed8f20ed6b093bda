import { openDeadline } from './deadline.ts';
import { SECRET_AGAIN_MS, SECRET_CALL_MS } from './domain/limits.ts';
import { ServiceError } from './errors.ts';

/** The text of a secret, from where it stands. Rejects with a `ServiceError`. */
export type ReadSecret = (signal: AbortSignal) => Promise<string>;

/** A value that may change where it stands. What is there is read when it is needed, and the last good one is kept. */
export interface Secret<T> {
  /** Rejects with `SECRET_FAILED` as long as it was never read. */
  value(signal: AbortSignal): Promise<T>;
  /** Where this value was refused: what is there now, which may be the same. Read at most each 5 s. */
  valueAfter(refused: T, signal: AbortSignal): Promise<T>;
}

export interface SecretOptions<T> {
  readonly read: ReadSecret;
  /** Throws `SECRET_FAILED`. */
  readonly parse: (text: string) => T;
  readonly now: () => number;
  /** Told of a read that failed, once for as long as each fails in the same way. */
  readonly onFailure: (failure: ServiceError) => void;
}

/** Without the value, as what failed may quote it. */
export const secretFailed = (problem: string, details: ServiceError['details'] = {}): ServiceError =>
  new ServiceError('SECRET_FAILED', `A secret ${problem}`, { retryable: true, details });

/** Until it has ended, or `signal` is aborted. */
const within = (reading: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    void reading.then(resolve);
  });

export const createSecret = <T>({ read, parse, now, onFailure }: SecretOptions<T>): Secret<T> => {
  let good: { readonly text: string; readonly value: T } | undefined;
  let failure: ServiceError | undefined;
  let reading: Promise<void> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;

  const failed = (error: ServiceError): void => {
    if (error.message !== failure?.message) onFailure(error);
    failure = error;
  };
  const readOnce = async (): Promise<void> => {
    const deadline = openDeadline(SECRET_CALL_MS);
    try {
      const text = (await read(deadline.signal)).trim();
      if (text !== good?.text) good = { text, value: parse(text) };
      failure = undefined;
    } catch (error) {
      failed(error instanceof ServiceError ? error : secretFailed('could not be read'));
    } finally {
      deadline.cancel();
      reading = undefined;
    }
  };
  /** One at a time for all who ask. */
  const refresh = (): Promise<void> => {
    if (reading !== undefined) return reading;
    if (now() - readAt < SECRET_AGAIN_MS) return Promise.resolve();
    readAt = now();
    reading = readOnce();
    return reading;
  };
  return {
    value: async (signal) => {
      if (good === undefined) await within(refresh(), signal);
      if (good === undefined) throw failure ?? secretFailed('was not read in time');
      return good.value;
    },
    valueAfter: async (refused, signal) => {
      if (good?.value === refused) await within(refresh(), signal);
      return good?.value ?? refused;
    },
  };
};
