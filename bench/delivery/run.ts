import { availableParallelism, loadavg } from 'node:os';
import { positiveWhole, readArguments } from '../../local/commands/arguments.ts';
import { runCommand } from '../../local/commands/run-command.ts';
import { startChild } from '../child.ts';
import { committedFigures } from '../cost/figures.ts';
import { table } from '../cost/markdown.ts';
import { dollars } from '../cost/prices.ts';
import { quantile } from '../statistics.ts';
import { millionDollars } from './bill.ts';
import { measureLargestEvents } from './largest-event.ts';
import { type Cell, measure, type Sample } from './measure.ts';
import { openRig, type Rig } from './rig.ts';
import { WAYS } from './way.ts';

const USAGE = `npm run bench:delivery -- [--rounds N]
Three ways from dispatch to comets beside each other: CPU, latency, what a comet that hangs costs the others, and the bill. Writes a
table in Markdown; about 3 minutes a round.
  --rounds N  each way of each set in turn; the table has their medians (5)`;

const FLEETS = [2, 20, 100];
const WINDOWS_S = [0.5, 0];
const MEASURED_MS = 3_000;
const WARM_UP_MS = 1_000;
const FLOOR_MS = 200;

/** Each way of a set follows the others at once, and each round begins with another. */
const cellsOf = (round: number): Cell[] =>
  WINDOWS_S.flatMap((windowS) =>
    FLEETS.flatMap((comets) =>
      WAYS.map((_, place) => ({ windowS, comets, way: WAYS[(place + round) % WAYS.length] ?? 'inline' })),
    ),
  );

const nameOf = ({ windowS, comets, way }: Cell): string => `${windowS} s, ${comets} comets, ${way}`;

const measureAll = async (rig: Rig, rounds: number): Promise<Map<string, Sample[]>> => {
  const samplesByCell = new Map(cellsOf(0).map((cell) => [nameOf(cell), [] as Sample[]]));
  console.error('warm-up');
  for (const cell of cellsOf(0)) await measure(rig, cell, WARM_UP_MS);
  for (let round = 0; round < rounds; round += 1) {
    console.error(`round ${round + 1} of ${rounds}`);
    for (const cell of cellsOf(round))
      samplesByCell.get(nameOf(cell))?.push(await measure(rig, cell, MEASURED_MS));
  }
  return samplesByCell;
};

/** µs a record to parse an event of 100 records and decode its base64, in this process's neighbour. */
const measureFloor = async (rounds: number): Promise<number> => {
  const worker = await startChild(new URL('../worker.ts', import.meta.url), { args: ['dispatch'] });
  const samples: number[] = [];
  for (let round = 0; round <= rounds; round += 1)
    samples.push(await worker.ask<number>({ id: 'floor-100', ms: FLOOR_MS }));
  await worker.stop();
  return quantile(
    samples.slice(1).sort((a, b) => a - b),
    0.5,
  );
};

const rowOf = (cell: Cell, samples: readonly Sample[], floorUs: number): string[] => {
  const median = (key: keyof Sample): number =>
    quantile(
      samples.map((sample) => sample[key]).sort((a, b) => a - b),
      0.5,
    );
  const whole = (key: keyof Sample): string => median(key).toFixed(0);
  return [
    `${cell.windowS} s`,
    `${cell.comets}`,
    cell.way,
    whole('records'),
    `${whole('cpuUs')} (${(median('cpuUs') / floorUs).toFixed(0)} ×)`,
    `${whole('p50')} / ${whole('p99')} ms`,
    `${whole('othersP50')} / ${whole('othersLatest')} ms`,
    dollars(millionDollars(committedFigures().figures, cell)),
  ];
};

const HEAD = [
  'window',
  'comets',
  'way',
  'records a batch',
  'CPU, µs a record (floors)',
  'p50 / p99',
  'one hangs: the others’ p50 / latest',
  'a million records',
];

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await runCommand(USAGE, async (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string' } });
  const rounds = positiveWhole('--rounds', values.rounds ?? '5');
  const rig = await openRig(Math.max(...FLEETS));
  try {
    const samplesByCell = await measureAll(rig, rounds);
    const floorUs = await measureFloor(rounds);
    const rows = cellsOf(0).map((cell) => rowOf(cell, samplesByCell.get(nameOf(cell)) ?? [], floorUs));
    console.log(table(HEAD, rows));
    const peaks = await Promise.all(
      WAYS.map(async (way) => `${way} ${(await rig.account(way)).peakMib.toFixed(0)}`),
    );
    console.log(`\nPeak memory of dispatch, MiB: ${peaks.join(', ')}. Floor ${floorUs.toFixed(2)} µs.`);
    console.error('the largest events');
    for (const [way, largest] of await measureLargestEvents(rounds))
      for (const { title, median, min, max } of largest)
        console.log(`${way}: ${title}: ${[median, min, max].map((mib) => mib.toFixed(0)).join(' / ')} MiB`);
  } finally {
    await rig.close();
  }
  console.log(
    `${availableParallelism()} CPUs, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds, ${(performance.now() / 1000).toFixed(0)} s`,
  );
});
