import { expect, it } from 'vitest';
import type { LagStatus } from '../../../operate/status/lag.ts';
import { statusLines } from '../../../operate/status/lines.ts';

const linesOf = (lag: LagStatus): string[] =>
  statusLines({
    now: 0,
    lag,
    fleet: { isCurrent: false, comets: [] },
    parked: { queues: [], left: 0 },
    letters: { countByReason: {}, isAll: true, broken: 0 },
  });

it('the lag is summed up, with a line a partition that has one', () => {
  const partitions = [
    { partition: 0, committed: 5, end: 5 },
    { partition: 1, committed: 7, end: 10 },
    { partition: 2, end: 4 },
  ];
  expect(linesOf({ topic: 't', partitions }).slice(-2)).toEqual([
    'lag: 3 records of t, on 1 of 3 partitions, 1 not committed yet',
    't-1\t3 records\tfrom offset 7',
  ]);
});
