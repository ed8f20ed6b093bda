import { ALARMS, METRICS } from './bill.ts';
import type { Figures } from './figures.ts';
import { table } from './markdown.ts';
import { dollars } from './prices.ts';
import { type Simulation, simulate } from './simulate.ts';
import type { Workload } from './workload.ts';

/** Connected, and nobody says anything. */
export const QUIET: Workload = {
  connections: 1_000,
  comets: 2,
  push: 0,
  room: 0,
  all: 0,
  rooms: 100,
  roomChanges: 0,
  partitions: 20,
  sandboxes: 4,
  windowS: 0.5,
  delivery: 'invoke',
};

export const simulateIdle = (figures: Figures): Simulation => simulate(figures, QUIET);

export const idleTable = (figures: Figures): string => {
  const { bill, totalDollars } = simulateIdle(figures);
  return table(
    ['idle, a month', ''],
    [
      ['`mergeRooms`, all month', dollars(bill.mergeRooms)],
      ['DynamoDB: its two writes a second, and its look for who is behind each 5 s', dollars(bill.dynamoDb)],
      ['`redeliver`’s look each minute, and logs', dollars(bill.redeliver + bill.logs)],
      [`${ALARMS} alarms, ${METRICS} metrics`, dollars(bill.alarms)],
      ['together', dollars(totalDollars)],
    ],
  );
};
