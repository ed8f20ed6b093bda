import { type Spread, scaled, spreadOf } from './statistics.ts';

/** A line of the table. */
export interface Row extends Spread {
  readonly id: string;
  readonly title: string;
  /** Such as `µs/record`. */
  readonly unit: string;
}

export const rowOf = (id: string, title: string, unit: string, values: readonly number[]): Row => ({
  id,
  title,
  unit,
  ...spreadOf(values),
});

/** The same measurement counted for something else. */
export const derived = (row: Row, id: string, title: string, unit: string, factor: number): Row => ({
  id,
  title,
  unit,
  ...scaled(row, factor),
});

export const rowById = (rows: readonly Row[], id: string): Row => {
  const row = rows.find((one) => one.id === id);
  if (row === undefined) throw new Error(`there is no row ${id}`);
  return row;
};
