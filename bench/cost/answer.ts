import { dollars } from './prices.ts';
import type { Simulation } from './simulate.ts';
import type { Workload } from './workload.ts';

export const count = (number: number): string =>
  number.toLocaleString('en', { maximumFractionDigits: number < 10 ? 1 : 0 });

/** Rows of two columns, the first as wide as it must be. */
const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
};

const workloadLine = (workload: Workload): string => {
  const { connections, comets, push, room, all, rooms, partitions, windowS, delivery } = workload;
  const messages = `${push} PUSH, ${room} ROOM to ${count(rooms)} rooms and ${all} ALL a second`;
  const set = `${count(partitions)} partitions, window ${windowS} s, DELIVERY=${delivery}`;
  return `${count(connections)} connections on ${count(comets)} comets; ${messages}; ${set}`;
};

/** What is left of API Gateway's bill for the comets, which that bill replaces too. */
export const leftForComets = (
  { apiGatewayDollars, totalDollars }: Pick<Simulation, 'apiGatewayDollars' | 'totalDollars'>,
  comets: number,
): string => {
  const left = apiGatewayDollars - totalDollars;
  return left <= 0 ? 'none' : dollars(left / comets);
};

const neededOf = ({ batches }: Simulation, { partitions }: Workload): string => {
  const needed = `${count(batches.partitionsNeeded)}`;
  return batches.partitionsNeeded <= partitions ? needed : `${needed}: more than there are`;
};

/** The answer in a terminal. */
export const answerOf = (workload: Workload, simulation: Simulation, source: string): string => {
  const { bill, batches, units, concurrency, latencyMs } = simulation;
  const { dispatch, deliver } = concurrency;
  const reads: [string, number][] = [
    ['the header', units.headerReads],
    ['rooms', units.roomReads],
    ['who is behind', units.markReads],
  ];
  const readsText = reads.map(([what, perS]) => `${what} ${count(perS)}`).join(', ');
  return [
    `${workloadLine(workload)}\n`,
    table([
      ...Object.entries(bill).map(([part, amount]): [string, string] => [
        `${part}, a month`,
        dollars(amount).padStart(12),
      ]),
      ['together, a month', dollars(simulation.totalDollars).padStart(12)],
      ['API Gateway WebSocket, a month', dollars(simulation.apiGatewayDollars).padStart(12)],
    ]),
    '',
    table([
      ['for comets and Kafka, until it is as dear', `${leftForComets(simulation, workload.comets)} a comet`],
      [
        'batches',
        `${count(batches.perS)} a second of ${count(batches.records)} records, to ${count(batches.comets)} comets each`,
      ],
      ['partitions needed', neededOf(simulation, workload)],
      ['dispatch at once', `${count(dispatch.mean)} on average, ${count(dispatch.most)} at most`],
      ['deliver at once', `${count(deliver.mean)} on average, ${count(deliver.most)} at most`],
      ['mergeRooms', `${count(simulation.mergeMib)} MiB`],
      ['DynamoDB, read units a second', readsText],
      ['DynamoDB, write units a second', count(units.mergeWrites)],
      ['added latency', `${count(latencyMs.typical)} ms, at most ${count(latencyMs.most)}`],
      ['messages that reach clients', `${count(simulation.clientMessagesPerS)} a second`],
    ]),
    `\nMeans in steady state, calibrated by ${source}. docs/cost.md says what is left out.`,
  ].join('\n');
};
