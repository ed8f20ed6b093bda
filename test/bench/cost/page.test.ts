import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { committedFigures } from '../../../bench/cost/figures.ts';
import { simulateIdle } from '../../../bench/cost/idle.ts';
import { costPage } from '../../../bench/cost/page.ts';
import { recordsMillion } from '../../../bench/cost/records.ts';

const read = (file: string): string => readFileSync(file, 'utf8');
const { figures } = committedFigures();

test('docs/cost.md is what `npm run cost -- --write` makes', async () => {
  expect(read('docs/cost.md')).toBe(await costPage());
});

test.each(['README.md', 'README.zh-CN.md', 'docs/performance.md'])('%s leads to docs/cost.md', (page) => {
  expect(read(page)).toMatch(/\]\((?:docs\/)?cost\.md\)/);
});

test('README.md says what it costs idle, and at its cheapest', () => {
  const [, idle, million] = /about \$(\d+) a month.* from \$([\d.]+) a million/.exec(read('README.md')) ?? [];
  expect(idle).toBe(simulateIdle(figures).totalDollars.toFixed(0));
  expect(million).toBe(recordsMillion(figures, { windowS: 0.5, comets: 2 }).toFixed(2));
});
