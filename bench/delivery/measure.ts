import { setTimeout as delay } from 'node:timers/promises';
import { expectCount } from '../case.ts';
import { cometId } from '../events.ts';
import { nowMs } from '../faults/clock.ts';
import type { CometReport } from '../faults/comet-tally.ts';
import { startLoad } from '../faults/load.ts';
import { quantile } from '../statistics.ts';
import type { Rig } from './rig.ts';
import type { Way } from './way.ts';

export interface Cell {
  readonly comets: number;
  readonly windowS: number;
  readonly way: Way;
}

/** One run without a fault and one in which a comet hangs. */
export interface Sample {
  /** Of a batch, in the run without. */
  readonly records: number;
  /** Of `dispatch` and `deliver`, a record. */
  readonly cpuUs: number;
  /** Until the comet applied the op, from when its batch was due. */
  readonly p50: number;
  readonly p99: number;
  /** ms, of the other comets' ops that were due while one hung. */
  readonly othersP50: number;
  readonly othersLatest: number;
}

/** What the cost model's sets have: 1,000 PUSH a second in four sandboxes. */
const LOAD = { partitions: 4, opsPerS: 1_000 };
/** Each sandbox's record; those that come while a batch is on its way are the next one. */
const NO_WINDOW_MS = 4;
const DOWN = cometId(0);

const latenciesOf = (reports: readonly CometReport[], from: number, to: number): number[] =>
  reports
    .flatMap(({ dueAt, latencyMs }) =>
      latencyMs.filter((_, i) => (dueAt[i] ?? 0) >= from && (dueAt[i] ?? 0) < to),
    )
    .sort((a, b) => a - b);

const startCell = (rig: Rig, { comets, windowS, way }: Cell) =>
  startLoad(
    { dispatch: (event) => rig.dispatch(way, event) },
    { ...LOAD, comets, everyMs: windowS === 0 ? NO_WINDOW_MS : 1000 * windowS },
  );

/** Of a load that is over. Throws unless every op came in its order or is parked. */
const takeReports = async (rig: Rig, sent: number, parked: number): Promise<CometReport[]> => {
  const reports = await rig.takeReports();
  const delivered = reports.reduce((sum, { latencyMs }) => sum + latencyMs.length, 0);
  expectCount('delivered and parked', delivered + parked, sent);
  expectCount(
    'out of order',
    reports.reduce((sum, { inversions }) => sum + inversions, 0),
    0,
  );
  return reports;
};

const measureWell = async (rig: Rig, cell: Cell, ms: number) => {
  const before = await rig.account(cell.way);
  const load = startCell(rig, cell);
  await delay(ms);
  const { records, batches, failures } = await load.stop();
  expectCount('failed batches', failures, 0);
  const { cpuUs, parked } = await rig.account(cell.way);
  const latencies = latenciesOf(await takeReports(rig, records, parked), 0, nowMs());
  return {
    records: records / batches,
    cpuUs: (cpuUs - before.cpuUs) / records,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
};

/** The first batch of each sandbox with ops for the comet waits for it; what is due meanwhile waits for that batch. */
const measureHanging = async (rig: Rig, cell: Cell, ms: number) => {
  const load = startCell(rig, cell);
  await delay(ms / 4);
  const from = nowMs();
  await rig.comets({ do: 'hang', comet: DOWN });
  await delay(ms);
  const { records } = await load.stop();
  await rig.comets({ do: 'start', comet: DOWN });
  const { parked } = await rig.account(cell.way);
  const reports = await takeReports(rig, records, parked);
  const others = latenciesOf(
    reports.filter(({ id }) => id !== DOWN),
    from,
    from + ms,
  );
  return { othersP50: quantile(others, 0.5), othersLatest: others.at(-1) ?? Number.NaN };
};

export const measure = async (rig: Rig, cell: Cell, ms: number): Promise<Sample> => ({
  ...(await measureWell(rig, cell, ms)),
  ...(await measureHanging(rig, cell, ms)),
});
