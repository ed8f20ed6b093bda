import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts unless the name says otherwise; `…Ms` are milliseconds. */
export type MetricName =
  | 'Records'
  | 'Delivered'
  | 'DroppedExpired'
  | 'DroppedGone'
  | 'DroppedRefused'
  | 'DroppedSlow'
  | 'DroppedParkedTooLong'
  | 'DroppedTooLargeToPark'
  | 'Parked'
  | 'Redelivered'
  | 'ParkedAgeMs'
  | 'DeadLetters'
  | 'Retried'
  | 'Rpcs'
  | 'RecordAgeMs'
  | 'MergeAgeMs';

/** Names, coordinates, sizes and codes only: never a body, a key or a token. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What a use case says about its work: log lines, and EMF metrics that `flush` writes out. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  metric(name: MetricName, value: number): void;
  flush(): void;
}

/**
 * JSON lines and EMF through Powertools; dimensions are the service and the function only. The service is
 * `POWERTOOLS_SERVICE_NAME`, which has the stage in it: or a stage that is well would hide one that is not.
 */
export const createLog = (functionName: string): Log => {
  const serviceName = process.env['POWERTOOLS_SERVICE_NAME'] ?? 'goim-job';
  const logger = new Logger({ serviceName, persistentKeys: { function: functionName } });
  const metrics = new Metrics({
    namespace: 'GoimJob',
    serviceName,
    defaultDimensions: { function: functionName },
  });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    metric: (name, value) =>
      metrics.addMetric(name, name.endsWith('Ms') ? MetricUnit.Milliseconds : MetricUnit.Count, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};
