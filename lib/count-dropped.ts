import type { DropReason } from './domain/outcome.ts';
import type { Log, MetricName } from './log.ts';

const METRIC: Readonly<Record<DropReason, MetricName>> = {
  expired: 'DroppedExpired',
  gone: 'DroppedGone',
  refused: 'DroppedRefused',
  slow: 'DroppedSlow',
  'parked-too-long': 'DroppedParkedTooLong',
  'too-large-to-park': 'DroppedTooLargeToPark',
};

export const countDropped = (log: Log, droppedByReason: ReadonlyMap<DropReason, number>): void => {
  for (const [reason, count] of droppedByReason) log.metric(METRIC[reason], count);
};
