import { setTimeout as delay } from 'node:timers/promises';
import { DELIVERY_MS } from '../../lib/domain/limits.ts';
import { cometId } from '../events.ts';
import { quantile } from '../statistics.ts';
import { nowMs } from './clock.ts';
import type { CometReport } from './comet-tally.ts';
import type { Figure } from './figure.ts';
import { startLoad } from './load.ts';
import type { Options } from './options.ts';
import type { Rig } from './rig.ts';

type Fault = 'none' | 'hang' | 'stop';

/** Of comets that are well, ms. */
interface Run {
  /** The latest op that was due while the first batch may have waited for the fault. */
  readonly firstMax: number;
  readonly afterP99: number;
  /** At the same moments, of the comets beside. */
  readonly besideP99: number;
  readonly inversions: number;
}

const COMETS = 10;
const DOWN = cometId(0);
const LOAD = { partitions: 4, everyMs: 200, opsPerS: 1_000, comets: COMETS };
/** As much traffic to as many comets, over partitions that have nothing for the one that is down: what the machine does to one it does to both. */
const BESIDE = { ...LOAD, first: { partition: LOAD.partitions, comet: COMETS } };
const WARM_UP_MS = 1_000;
/** By then every partition's first batch has been answered: no batch waits longer for a comet. */
const FIRST_MS = DELIVERY_MS;
const PATIENCE_MS = 60_000;
const MAX_WORSE = 1.1;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Sorted; of ops due in the time. */
const latenciesOf = (reports: readonly CometReport[], from: number, to: number): number[] =>
  reports
    .flatMap(({ dueAt, latencyMs }) =>
      latencyMs.filter((_, index) => (dueAt[index] ?? 0) >= from && (dueAt[index] ?? 0) < to),
    )
    .sort((a, b) => a - b);

const runOnce = async (rig: Rig, fault: Fault, afterMs: number): Promise<Run> => {
  await rig.forget();
  const loads = [startLoad(rig, LOAD), startLoad(rig, BESIDE)];
  await delay(WARM_UP_MS);
  const faultAt = nowMs();
  if (fault !== 'none') await rig.set(DOWN, fault);
  await delay(FIRST_MS + afterMs);
  const sent = await Promise.all(loads.map((load) => load.stop()));
  if (fault !== 'none') await rig.set(DOWN, 'start');
  if ((await rig.untilCaughtUp(PATIENCE_MS)) === undefined) throw new Error(`${DOWN} has not caught up`);
  await rig.delivered(sumOf(sent.map(({ records }) => records)));
  const reports = await rig.reports();
  const others = reports.slice(0, COMETS).filter(({ id }) => id !== DOWN);
  const firstTo = faultAt + FIRST_MS;
  const p99 = (of: readonly CometReport[]) => quantile(latenciesOf(of, firstTo, firstTo + afterMs), 0.99);
  return {
    firstMax: latenciesOf(others, faultAt, firstTo).at(-1) ?? Number.NaN,
    afterP99: p99(others),
    besideP99: p99(reports.slice(COMETS)),
    inversions: sumOf(reports.map(({ inversions }) => inversions)),
  };
};

/** One of ten comets is down: how the other nine fare, against the same run without the fault. */
export const isolation = async (rig: Rig, { pairs, afterMs }: Options): Promise<Figure[]> => {
  const runsByFault: Record<Fault, Run[]> = { none: [], hang: [], stop: [] };
  // The first one compiles the way.
  await runOnce(rig, 'none', 0);
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const fault of ['none', 'hang', 'stop'] as const)
      runsByFault[fault].push(await runOnce(rig, fault, afterMs));
  }
  const { none } = runsByFault;
  const compare = (fault: Fault, to: (run: Run, without: Run) => number): number[] =>
    runsByFault[fault].map((run, index) => to(run, none[index] as Run));
  const figuresOf = (fault: 'hang' | 'stop', says: string): Figure[] => [
    {
      title: `isolation: one of ${COMETS} ${says}, first batch: the others later by`,
      samples: compare(fault, (run, without) => (run.firstMax - without.firstMax) / 1000),
      unit: 's',
      below: DELIVERY_MS / 1000,
    },
    {
      title: `isolation: one of ${COMETS} ${says}, after it: the others' p99 / without the fault`,
      samples: compare(fault, (run, without) => run.afterP99 / without.afterP99),
      unit: '×',
      below: MAX_WORSE,
    },
    {
      title: `isolation: one of ${COMETS} ${says}, the same, both over comets beside them at that time`,
      samples: compare(
        fault,
        (run, without) => run.afterP99 / run.besideP99 / (without.afterP99 / without.besideP99),
      ),
      unit: '×',
      below: MAX_WORSE,
    },
  ];
  return [
    {
      title: 'isolation: p99 from record to comet, without a fault',
      samples: none.map(({ afterP99 }) => afterP99),
      unit: 'ms',
    },
    ...figuresOf('hang', 'hangs'),
    ...figuresOf('stop', 'has stopped'),
    {
      title: 'isolation: out of order, all runs',
      samples: [sumOf(Object.values(runsByFault).flatMap((runs) => runs.map((run) => run.inversions)))],
      unit: 'ops',
      below: 0,
    },
  ];
};
