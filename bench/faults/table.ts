import { spreadOf } from '../statistics.ts';
import type { Figure } from './figure.ts';

const number = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

const verdict = (median: number, below: number): string =>
  median < below || (below === 0 && median === 0) ? 'pass' : 'MISSED';

const aimOf = (below: number): string => {
  if (below === 0) return '0';
  return Number.isFinite(below) ? `< ${below}` : 'at all';
};

const cellsOf = ({ title, samples, unit, below }: Figure): string[] => {
  const { median, min, max } = spreadOf(samples);
  const range = samples.length > 1 ? [number(min), number(max)] : ['', ''];
  const aim = below === undefined ? ['', ''] : [aimOf(below), verdict(median, below)];
  return [title, number(median), ...range, unit, ...aim];
};

export const tableOf = (figures: readonly Figure[]): string => {
  const lines = [['', 'median', 'min', 'max', '', 'aim', ''], ...figures.map(cellsOf)];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const isText = (column: number): boolean => column === 0 || column === 4 || column === 6;
  const pad = (cell: string, column: number): string =>
    isText(column) ? cell.padEnd(widths?.[column] ?? 0) : cell.padStart(widths?.[column] ?? 0);
  return lines.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n');
};
