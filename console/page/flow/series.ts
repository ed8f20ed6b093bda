import type { FlowSecond } from '../../answers.ts';

export interface Series {
  readonly metric: string;
  readonly name: string;
}

export interface ChartPlan {
  readonly title: string;
  readonly unit: 'a second' | 'ms';
  readonly series: readonly Series[];
}

export const CHARTS: readonly ChartPlan[] = [
  {
    title: 'Records and ops',
    unit: 'a second',
    series: [
      { metric: 'Records', name: 'records read' },
      { metric: 'Delivered', name: 'ops delivered' },
    ],
  },
  { title: 'Calls of deliver', unit: 'a second', series: [{ metric: 'Rpcs', name: 'calls' }] },
  {
    title: 'Age at delivery, the longest',
    unit: 'ms',
    series: [
      { metric: 'RecordAgeMs', name: 'records' },
      { metric: 'ParkedAgeMs', name: 'parked ops' },
    ],
  },
  {
    title: 'Parked',
    unit: 'a second',
    series: [
      { metric: 'Parked', name: 'parked' },
      { metric: 'Redelivered', name: 'redelivered' },
      { metric: 'DeadLetters', name: 'dead letters' },
    ],
  },
  {
    title: 'Dropped by reason',
    unit: 'a second',
    series: [
      { metric: 'DroppedRefused', name: 'refused' },
      { metric: 'DroppedSlow', name: 'slow' },
      { metric: 'DroppedGone', name: 'gone' },
      { metric: 'DroppedExpired', name: 'expired' },
      { metric: 'DroppedParkedTooLong', name: 'parked too long' },
      { metric: 'DroppedTooLargeToPark', name: 'too large to park' },
    ],
  },
];

export const SHOWN_S = 15 * 60;

/** A point a second for 15 minutes: times of the axis, then the values of each series; where nothing was timed there is none. */
export const pointsOf = (
  plan: ChartPlan,
  seconds: readonly FlowSecond[],
  end: number,
): (number | null)[][] => {
  const valuesBySecond = new Map(seconds.map(({ second, valueByMetric }) => [second, valueByMetric]));
  const times = Array.from({ length: SHOWN_S }, (_, index) => end - SHOWN_S + 1 + index);
  const none = plan.unit === 'ms' ? null : 0;
  const values = plan.series.map(({ metric }) =>
    times.map((second) => valuesBySecond.get(second)?.[metric] ?? none),
  );
  return [times, ...values];
};

/** The last that was said of a metric, in the last minute. */
export const lastOf = (metric: string, seconds: readonly FlowSecond[], end: number): number | undefined =>
  seconds.findLast(({ second, valueByMetric }) => second > end - 60 && metric in valueByMetric)
    ?.valueByMetric[metric];
