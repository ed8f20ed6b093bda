import { onTestFinished, vi } from 'vitest';

const MODULE = '../lib/deadline.ts';

/** What is imported hereafter in this test begins its deadlines here: they are noted, and end as ever unless `isOver`. */
export const noteDeadlines = ({ isOver = false } = {}): number[] => {
  const given: number[] = [];
  vi.resetModules();
  vi.doMock(import('../lib/deadline.ts'), async (original) => {
    const { startDeadline, openDeadline } = await original();
    return {
      startDeadline: (ms, end) => {
        given.push(ms);
        return startDeadline(ms, end);
      },
      openDeadline: (ms) => {
        given.push(ms);
        return isOver ? { signal: AbortSignal.abort(), cancel: () => {} } : openDeadline(ms);
      },
    };
  });
  onTestFinished(() => {
    vi.doUnmock(MODULE);
    vi.resetModules();
  });
  return given;
};
