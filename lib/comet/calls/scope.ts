import type { UndeliveredCode } from '../../domain/outcome.ts';
import { type CometError, timeout } from '../error.ts';

/** What ends with its scope. */
export interface Abortable {
  abort(): void;
  /** The scope's own: where it is in there. */
  place: number;
}

/** What one delivery's calls share: one listener on its signal instead of one a call, and the word to stop. */
export interface Scope {
  /** Why no further call begins. */
  readonly stopped: CometError | undefined;
  /** A call failed: if it is the comet itself that fails, no further one begins; what is in flight may end. */
  failed(error: CometError): void;
  /** Ended when the signal ends everything, unless it is taken out before. */
  add(running: Abortable): void;
  remove(running: Abortable): void;
  /** Ends early with the signal. */
  wait(ms: number): Promise<void>;
  close(): void;
}

/** Codes that say nothing about the one call. */
const FAILING: ReadonlySet<UndeliveredCode> = new Set([
  'COMET_TIMEOUT',
  'COMET_TLS',
  'COMET_UNREACHABLE',
  'COMET_BUSY',
]);

export const openScope = (signal: AbortSignal): Scope => {
  /** In no order. */
  const running: Abortable[] = [];
  let stopped: CometError | undefined = signal.aborted ? timeout() : undefined;
  const abort = (): void => {
    stopped = timeout();
    for (const one of [...running]) one.abort();
  };
  signal.addEventListener('abort', abort);
  const add = (one: Abortable): void => {
    one.place = running.push(one) - 1;
  };
  const remove = (one: Abortable): void => {
    const last = running.at(-1);
    if (last === undefined || running[one.place] !== one) return;
    running[one.place] = last;
    last.place = one.place;
    running.pop();
  };
  return {
    get stopped() {
      return stopped;
    },
    failed: (error) => {
      if (FAILING.has(error.code)) stopped ??= error;
    },
    add,
    remove,
    wait: (ms) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          remove(waiting);
          resolve();
        };
        const timer = setTimeout(end, ms);
        const waiting = { abort: end, place: 0 };
        add(waiting);
        if (signal.aborted) end();
      }),
    close: () => signal.removeEventListener('abort', abort),
  };
};

/** Does one piece of work within a scope of its own. */
export const inScope = async <T>(signal: AbortSignal, work: (scope: Scope) => Promise<T>): Promise<T> => {
  const scope = openScope(signal);
  try {
    return await work(scope);
  } finally {
    scope.close();
  }
};
