import type { Log, LogFields } from '../lib/log.ts';

export interface RecordedLog extends Log {
  readonly lines: {
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly fields: LogFields;
  }[];
  readonly metrics: Record<string, number>;
}

/** Keeps what is logged, and the sum of each metric. */
export const recordLog = (): RecordedLog => {
  const lines: RecordedLog['lines'] = [];
  const metrics: Record<string, number> = {};
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    metrics,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    metric: (name, value) => {
      metrics[name] = (metrics[name] ?? 0) + value;
    },
    flush: () => {},
  };
};
