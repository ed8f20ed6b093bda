import type { Result } from './run.ts';

const MARK = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

/** One check's lines, for people. */
export const linesOf = (result: Result): string[] => {
  const line = `${MARK[result.status]}  ${result.check.says}`;
  switch (result.status) {
    case 'passed':
      return [line];
    case 'skipped':
      return [`${line} (${result.why})`];
    case 'failed': {
      const { sent, came, wanted } = result.finding;
      return [line, `        sent    ${sent}`, `        came    ${came}`, `        wanted  ${wanted}`];
    }
  }
};

export const countOf = (results: readonly Result[], status: Result['status']): number =>
  results.filter((result) => result.status === status).length;

export const summaryOf = (results: readonly Result[]): string =>
  `${countOf(results, 'passed')} ok, ${countOf(results, 'failed')} failed, ${countOf(results, 'skipped')} skipped`;
