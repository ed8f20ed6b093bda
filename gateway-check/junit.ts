import { countOf } from './report.ts';
import type { Result } from './run.ts';

const ENTITY = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' } as const;

/** XML 1.0 has no way to write most control characters. */
const xmlOf = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => ENTITY[character as keyof typeof ENTITY]);

const caseOf = (result: Result): string => {
  const open = `<testcase classname="comet-api" name="${xmlOf(result.check.says)}" time="${(result.ms / 1000).toFixed(3)}">`;
  switch (result.status) {
    case 'passed':
      return `${open}</testcase>`;
    case 'skipped':
      return `${open}<skipped message="${xmlOf(result.why)}"/></testcase>`;
    case 'failed': {
      const { sent, came, wanted } = result.finding;
      const text = xmlOf(`sent: ${sent}\ncame: ${came}\nwanted: ${wanted}`);
      return `${open}<failure message="${xmlOf(`wanted ${wanted}`)}">${text}</failure></testcase>`;
    }
  }
};

/** A JUnit file, as CI systems read it. */
export const junitOf = (results: readonly Result[]): string => {
  const counts = `tests="${results.length}" failures="${countOf(results, 'failed')}" skipped="${countOf(results, 'skipped')}"`;
  const cases = results.map((result) => `  ${caseOf(result)}\n`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="gateway-check" ${counts}>\n${cases}</testsuite>\n`;
};
