import { count, leftForComets } from './answer.ts';
import type { Figures } from './figures.ts';
import { QUIET } from './idle.ts';
import { table } from './markdown.ts';
import { dollars } from './prices.ts';
import { simulate } from './simulate.ts';
import type { Workload } from './workload.ts';

const SETS: readonly (readonly [string, Partial<Workload>])[] = [
  ['notifications', { connections: 10_000, push: 100 }],
  [
    'chat',
    { connections: 100_000, comets: 20, push: 800, room: 190, all: 0.01, rooms: 10_000, roomChanges: 10 },
  ],
  ['danmaku', { connections: 1_000_000, comets: 100, room: 1_000, rooms: 1_000, roomChanges: 10 }],
  [
    'the largest',
    {
      connections: 10_000_000,
      comets: 1_000,
      push: 10_000,
      room: 1_000,
      all: 0.01,
      rooms: 10_000,
      roomChanges: 100,
      partitions: 100,
    },
  ],
];

const WAYS: readonly Pick<Workload, 'windowS' | 'delivery'>[] = [
  { windowS: 0.5, delivery: 'invoke' },
  { windowS: 0.5, delivery: 'inline' },
  { windowS: 0, delivery: 'invoke' },
  { windowS: 0, delivery: 'inline' },
];

/** What each set is. */
export const setsTable = (): string =>
  table(
    ['set', 'connections', 'comets', 'PUSH / ROOM / ALL a second', 'rooms'],
    SETS.map(([name, part]) => {
      const { connections, comets, push, room, all, rooms } = { ...QUIET, ...part };
      return [
        name,
        count(connections),
        count(comets),
        `${count(push)} / ${count(room)} / ${all}`,
        count(rooms),
      ];
    }),
  );

const setRow = (figures: Figures, name: string, workload: Workload): string[] => {
  const { batches, concurrency, units, totalDollars, apiGatewayDollars, latencyMs, ...simulation } = simulate(
    figures,
    workload,
  );
  const reads = [units.headerReads, units.roomReads, units.markReads].map(count).join(' / ');
  return [
    name,
    `${workload.windowS} s, ${workload.delivery}`,
    dollars(totalDollars),
    dollars(apiGatewayDollars),
    leftForComets({ totalDollars, apiGatewayDollars }, workload.comets),
    `${count(concurrency.dispatch.mean)} / ${count(concurrency.dispatch.most)}`,
    `${count(concurrency.deliver.mean)} / ${count(concurrency.deliver.most)}`,
    count(simulation.mergeMib),
    reads,
    count(units.mergeWrites),
    `${count(latencyMs.typical)} / ${count(latencyMs.most)} ms`,
    count(batches.partitionsNeeded),
  ];
};

/** What each comes to, in four ways. */
export const billsTable = (figures: Figures): string =>
  table(
    [
      'set',
      'window, `DELIVERY`',
      'a month',
      'API Gateway WebSocket',
      'left, a comet',
      '`dispatch` at once',
      '`deliver`',
      '`mergeRooms`, MiB',
      'read units a second',
      'write units',
      'added latency',
      'partitions needed',
    ],
    SETS.flatMap(([name, part]) => WAYS.map((way) => setRow(figures, name, { ...QUIET, ...part, ...way }))),
  );
