import { ServiceError } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';

interface Context {
  getRemainingTimeInMillis(): number;
}

/** What a function does with its event; `endsAt` is when Lambda stops it, ms since 1970. */
export type Handle<Event, Answer> = (event: Event, endsAt: number) => Promise<Answer>;

/** Names and places only: an unforeseen error's message may quote what it failed on. */
const framesOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? '').replaceAll(/^(?! {4}at ).*\n?/gm, '').trim() : '';

/** Logs a failure and makes the error that Lambda prints once more: its code alone, and nothing that the log line has said. */
const failed = (log: Log, error: unknown): Error => {
  if (error instanceof ServiceError) {
    log.error(error.message, { code: error.code, retryable: error.retryable, ...error.details });
    return Object.assign(new Error('the log line of this code says more'), { name: error.code });
  }
  const name = error instanceof Error ? error.name : typeof error;
  log.error('unexpected failure', { name, frames: framesOf(error) });
  return Object.assign(new Error(`Unexpected ${name}`), { name: 'UNEXPECTED' });
};

/** A Lambda handler that is built on its first call; a failed cold start is tried again with the next. */
export const shell = <Event, Answer>(name: string, build: (log: Log) => Handle<Event, Answer>) => {
  const log = createLog(name);
  let handle: Handle<Event, Answer> | undefined;
  return async (event: Event, context: Context): Promise<Answer> => {
    try {
      handle ??= build(log);
      return await handle(event, Date.now() + context.getRemainingTimeInMillis());
    } catch (error) {
      throw failed(log, error);
    } finally {
      log.flush();
    }
  };
};
