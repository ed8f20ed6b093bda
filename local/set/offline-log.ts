import ServerlessOffline, { type OfflineLog } from 'serverless-offline';

/**
 * serverless-offline writes a line for every invocation and a stack trace for every failure, which the event source and the
 * functions report themselves. Its log is the one that its newest instance was given. SLS_LOG_LEVEL brings all of it back.
 */
export const quietOffline = (
  serverless: object,
  options: object,
  { log, progress }: { log: OfflineLog; progress: unknown },
): void => {
  if (process.env['SLS_LOG_LEVEL'] !== undefined) return;
  const quiet: OfflineLog = {
    debug: () => {},
    info: () => {},
    verbose: () => {},
    notice: () => {},
    warning: (...what) => log.warning(...what),
    error: (...what) => {
      const isReported = what[0] instanceof Error || String(what[0]).startsWith('Unhandled');
      if (!isReported) log.error(...what);
    },
  };
  new ServerlessOffline(serverless, options, { log: quiet, progress });
};
