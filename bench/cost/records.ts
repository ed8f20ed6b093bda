import { count } from './answer.ts';
import type { Figures } from './figures.ts';
import { QUIET, simulateIdle } from './idle.ts';
import { table } from './markdown.ts';
import { dollars, MONTH_S } from './prices.ts';
import { simulate } from './simulate.ts';
import type { Workload } from './workload.ts';

const RECORDS_PER_S = 1_000;

/** Dollars that a million PUSH records cost at 1,000 a second, beside what the set costs idle. */
export const recordsMillion = (figures: Figures, part: Partial<Workload>): number => {
  const { totalDollars } = simulate(figures, { ...QUIET, push: RECORDS_PER_S, ...part });
  return ((totalDollars - simulateIdle(figures).totalDollars) / MONTH_S / RECORDS_PER_S) * 1e6;
};

export const recordsTable = (figures: Figures): string =>
  table(
    ['window', 'comets', '`DELIVERY=invoke`', '`inline`'],
    [0.5, 0].flatMap((windowS) =>
      [2, 20, 100].map((comets) => [
        `${windowS} s`,
        count(comets),
        dollars(recordsMillion(figures, { windowS, comets, delivery: 'invoke' })),
        dollars(recordsMillion(figures, { windowS, comets, delivery: 'inline' })),
      ]),
    ),
  );
