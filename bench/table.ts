import type { Aim } from './aims.ts';
import { type Row, rowById } from './row.ts';

const number = (value: number): string => {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** A dispatch row with the records of a floor row is shown in floors. */
const floors = (row: Row, rows: readonly Row[]): string => {
  const records =
    /^dispatch-(\d+)-/.exec(row.id)?.[1] ?? (row.id.startsWith('dispatch') ? '1000' : undefined);
  if (records === undefined) return '';
  return `${number(row.median / rowById(rows, `floor-${records}`).median)} ×`;
};

const HEAD = ['', 'median', 'min', 'max', 'IQR', 'unit', 'floors'];

const cellsOf = (row: Row, rows: readonly Row[]): string[] => [
  row.title,
  number(row.median),
  ...(row.samples > 1 ? [row.min, row.max, row.iqr].map(number) : ['', '', '']),
  row.unit,
  floors(row, rows),
];

const aimCells = ({ title, value, unit, pass }: Aim): string[] => [
  `aim: ${title}`,
  number(value),
  '',
  '',
  '',
  unit.trim(),
  pass ? 'pass' : 'MISSED',
];

/** The one table: rows, then aims. */
export const tableOf = (rows: readonly Row[], aims: readonly Aim[]): string => {
  const lines = [HEAD, ...rows.map((row) => cellsOf(row, rows)), ...aims.map(aimCells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const isText = (column: number): boolean => column === 0 || column === 5;
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return isText(column) ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
