import type { FaultCounts } from './fault-counts.ts';

type Counts = readonly (readonly [string, number])[];

/** What came of one seed. */
export interface Report {
  readonly seed: number;
  /** At the first inversion: what is missing may only be late. */
  readonly stopped: boolean;
  readonly produced: number;
  /** With replays. */
  readonly records: number;
  readonly faults: ReturnType<FaultCounts['rows']>;
  readonly lost: readonly string[];
  readonly inversions: readonly string[];
  readonly undelivered: readonly string[];
  readonly due: number;
  readonly applied: number;
  readonly duplicates: number;
  readonly received: number;
  readonly receivedTwice: number;
  readonly deadByReason: Counts;
  readonly away: number;
  readonly missedByClock: number;
  readonly unplanned: number;
  readonly uncommitted: number;
  /** Comets that are behind at the end. */
  readonly marks: readonly string[];
  /** Parked by a dispatch that died before it raised the mark, and delivered by its successor. */
  readonly orphanRuns: number;
  readonly staleReads: number;
  readonly sandboxes: number;
  readonly failedBatches: number;
  readonly drainedMs: number | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly delays: number;
}

/** Of what was due, that may be given up for a reason that no record asked for. */
const MAX_DROPPED_SHARE = 0.01;
const SHOWN = 10;

/** What is wrong, a line each; empty: all is well. */
export const violationsOf = (report: Report): string[] => {
  const { lost, inversions, undelivered, uncommitted, marks, unplanned, due } = report;
  if (report.stopped) return inversions.map((text) => `inversion: ${text}`);
  const lines = [
    ...lost.map((text) => `lost: ${text}`),
    ...inversions.map((text) => `inversion: ${text}`),
    ...undelivered.map((text) => `not delivered: ${text}`),
    ...marks.map((text) => `not drained: comet ${text} is still behind`),
  ];
  if (uncommitted > 0) lines.push(`not drained: ${uncommitted} records were never answered`);
  if (unplanned > due * MAX_DROPPED_SHARE) lines.push(`${unplanned} of ${due} deliveries were given up`);
  return lines;
};

const pairs = (counts: Counts): string =>
  counts.length === 0 ? 'none' : counts.map(([name, count]) => `${name} ${count}`).join(', ');

export const printReport = (report: Report): void => {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const violations = violationsOf(report);
  const lines = [
    `seed ${report.seed}`,
    `  records            ${report.produced}, and ${report.records - report.produced} replays; failed batches ${report.failedBatches}`,
    `  deliveries due     ${report.due} at comets`,
    `  applied            ${report.applied}, and ${report.duplicates} repeats; at connections ${report.received}, and ${report.receivedTwice} repeats`,
    `  dead letters       ${pairs(report.deadByReason)}`,
    `  not due            ${report.away} room messages and broadcasts for a comet that had left the fleet`,
    `  missed by clock    ${report.missedByClock} room messages by a new member, the clock having gone back while nobody merged`,
    `  given up unasked   ${report.unplanned} (${((100 * report.unplanned) / Math.max(1, report.due)).toFixed(3)} %, at most ${100 * MAX_DROPPED_SHARE} %)`,
    `  lost               ${report.stopped ? 'not looked at' : report.lost.length}`,
    `  inversions         ${report.inversions.length}`,
    `  drained            ${report.drainedMs === undefined ? 'no' : `in ${ms(report.drainedMs)}`}; runs that nobody needs ${report.orphanRuns}`,
    `  delay of comets that were well while another was not: p50 ${ms(report.p50Ms)}, p99 ${ms(report.p99Ms)} (${report.delays} deliveries)`,
    `  stale reads        ${report.staleReads}; sandboxes ${report.sandboxes}`,
    ...violations.slice(0, SHOWN).map((line) => `  VIOLATION ${line}`),
    ...(violations.length > SHOWN ? [`  VIOLATION and ${violations.length - SHOWN} more`] : []),
  ];
  console.log(lines.join('\n'));
};

export const printFaults = (reports: readonly Report[]): void => {
  const rows = new Map<string, { struck: number; hits: number }>();
  for (const { kind, struck, hits } of reports.flatMap(({ faults }) => faults)) {
    const row = rows.get(kind) ?? { struck: 0, hits: 0 };
    rows.set(kind, { struck: row.struck + struck, hits: row.hits + hits });
  }
  const width = Math.max(...[...rows.keys()].map(({ length }) => length));
  console.log(`\n${'fault'.padEnd(width)}  struck  requests met`);
  for (const [kind, { struck, hits }] of [...rows].sort(([a], [b]) => a.localeCompare(b)))
    console.log(`${kind.padEnd(width)}  ${String(struck).padStart(6)}  ${String(hits).padStart(12)}`);
};
