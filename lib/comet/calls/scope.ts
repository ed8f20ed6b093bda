import type { UndeliveredCode } from '../../domain/outcome.ts';
import { type CometError, timeout } from '../error.ts';

/** What one delivery's calls share: one listener on its signal instead of one a call, and the word to stop. */
export interface Scope {
  /** Why no further call begins. */
  readonly stopped: CometError | undefined;
  /** A call failed: if it is the comet itself that fails, no further one begins; what is in flight may end. */
  failed(error: CometError): void;
  /** Called when the signal ends everything, unless it is taken out before. */
  onAbort(cancel: () => void): void;
  offAbort(cancel: () => void): void;
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
  const cancels = new Set<() => void>();
  let stopped: CometError | undefined = signal.aborted ? timeout() : undefined;
  const abort = (): void => {
    stopped = timeout();
    for (const cancel of [...cancels]) cancel();
  };
  signal.addEventListener('abort', abort);
  return {
    get stopped() {
      return stopped;
    },
    failed: (error) => {
      if (FAILING.has(error.code)) stopped ??= error;
    },
    onAbort: (cancel) => {
      cancels.add(cancel);
    },
    offAbort: (cancel) => {
      cancels.delete(cancel);
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          cancels.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        cancels.add(end);
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
