import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { committedFigures, latestFigures } from '../../../bench/cost/figures.ts';
import { FIGURES } from './set.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'goim-job-figures-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const written = (figures: object): URL => {
  const file = path.join(folder, 'latest.json');
  const rows = Object.entries(figures).map(([id, median]) => ({ id, median, unit: 'µs' }));
  writeFileSync(file, JSON.stringify({ startedAt: '2026-11-26T10:00:00.000Z', rows }));
  return pathToFileURL(file);
};

test('are those of the last run', () => {
  expect(latestFigures(written({ ...FIGURES, other: 1 }))).toEqual({
    figures: FIGURES,
    source: 'bench/results/latest.json, measured on 2026-11-26',
  });
});

test.each([
  ['there is no run', () => pathToFileURL(path.join(folder, 'latest.json'))],
  ['the run lacks a row', () => written({ 'invoke-1': 1 })],
])('are the committed ones, and say so, when %s', (_, file) => {
  expect(latestFigures(file())).toEqual(committedFigures());
  expect(committedFigures().source).toContain('committed in bench/cost/figures.json');
});
