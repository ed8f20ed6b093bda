import { existsSync, readFileSync } from 'node:fs';
import type { Row } from '../row.ts';

const IDS = [
  'dispatch-100-2',
  'dispatch-1000-2',
  'dispatch-1000-100',
  'dispatch-room',
  'invoke-1',
  'invoke-500',
  'dynamodb-header',
  'deliver-1',
  'grpc-push',
  'grpc-room',
  'memory-merge-10000',
  'memory-merge-100000',
  'memory-merge-1000000',
] as const;

/** Medians of the benchmark's rows by id: µs of CPU, or MiB. */
export type Figures = Readonly<Record<(typeof IDS)[number], number>>;

export interface Calibration {
  readonly figures: Figures;
  /** For the reader. */
  readonly source: string;
}

/** Written by `npm run bench`. */
const LATEST = new URL('../results/latest.json', import.meta.url);
const COMMITTED = new URL('figures.json', import.meta.url);

const parse = (file: URL) => JSON.parse(readFileSync(file, 'utf8'));

/** Those in the repository, of which docs/cost.md is made. */
export const committedFigures = (): Calibration => {
  const { measuredOn, figures } = parse(COMMITTED);
  return { figures, source: `the figures committed in bench/cost/figures.json, measured on ${measuredOn}` };
};

/** The medians of a run; undefined if it lacks a row, as one of an older checkout may. */
const figuresOf = (rows: readonly Pick<Row, 'id' | 'median'>[]): Figures | undefined => {
  const medianById = new Map(rows.map(({ id, median }) => [id, median]));
  const entries = IDS.map((id) => [id, medianById.get(id)] as const);
  return entries.some(([, median]) => median === undefined)
    ? undefined
    : (Object.fromEntries(entries) as Figures);
};

/** Those of this checkout's last `npm run bench`, else the committed ones. */
export const latestFigures = (latest = LATEST): Calibration => {
  if (!existsSync(latest)) return committedFigures();
  const { startedAt, rows } = parse(latest);
  const figures = figuresOf(rows);
  return figures === undefined
    ? committedFigures()
    : { figures, source: `bench/results/latest.json, measured on ${startedAt.slice(0, 10)}` };
};
