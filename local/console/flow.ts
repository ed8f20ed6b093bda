import type { FlowSecond } from '../../console/answers.ts';
import type { Metric } from './emf.ts';

const KEPT_S = 15 * 60;

/** Of times the longest is told, of counts the sum. */
const joined = ({ name, values }: Metric, before: number | undefined): number =>
  name.endsWith('Ms')
    ? Math.max(before ?? 0, ...values)
    : (before ?? 0) + values.reduce((sum, value) => sum + value, 0);

/** The functions' metrics of the last 15 minutes, by second. */
export const createFlow = (now: () => number) => {
  const valuesBySecond = new Map<number, Record<string, number>>();
  const second = (): number => Math.floor(now() / 1000);
  return {
    add: (metrics: readonly Metric[]): void => {
      const values = valuesBySecond.get(second()) ?? {};
      for (const metric of metrics) values[metric.name] = joined(metric, values[metric.name]);
      valuesBySecond.set(second(), values);
      for (const old of valuesBySecond.keys()) if (old < second() - KEPT_S) valuesBySecond.delete(old);
    },
    /** The seconds after this one that are over, oldest first. */
    since: (after: number): FlowSecond[] =>
      [...valuesBySecond]
        .filter(([at]) => at > after && at < second())
        .map(([at, valueByMetric]) => ({ second: at, valueByMetric })),
  };
};
