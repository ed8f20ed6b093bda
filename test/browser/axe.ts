import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { NARROW, WIDE } from './browser.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A change of colours or width is on the page a frame later, and moves over. */
const SETTLED = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  .then(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
  .then(() => undefined)`;

/** What axe finds wrong, a line each. The script comes by the debugger, which no content security policy holds up. */
const axeFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE);
  await page.evaluate(SETTLED);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

/** What axe finds, and whether the page is wider than what is seen of it, on a desk and at 360 px. */
export const findings = async (page: Page): Promise<string[]> => {
  const found: string[] = [];
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    found.push(...(await axeFindings(page)));
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (width !== viewport.width) found.push(`${width} px wide at ${viewport.width}`);
  }
  return found;
};
