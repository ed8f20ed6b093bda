import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { BROKEN, LARGE, SMALL } from './scenario.ts';
import { walk } from './walk.ts';

/** Only against a hang: what it bounds takes seconds. */
const LIMIT_MS = 60_000;
const WALK_MS = 1_500;

describe('the parking protocol', () => {
  it.each(SMALL)(
    'neither loses nor swaps an op in any order of events: $name',
    async (scenario) => {
      const { isComplete, violation } = await explore(scenario, performance.now() + LIMIT_MS);
      expect(violation).toBeUndefined();
      expect(isComplete).toBe(true);
    },
    LIMIT_MS,
  );

  it.each(LARGE)(
    'neither loses nor swaps an op on random ways: $name',
    async (scenario) => {
      const { walks, violation } = await walk(scenario, 1, performance.now() + WALK_MS);
      expect(violation).toBeUndefined();
      expect(walks).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  it.each(BROKEN)(
    'is seen to fail without a protection: $name',
    async (scenario) => {
      const { violation } = await explore(scenario, performance.now() + LIMIT_MS);
      expect(violation?.at(-1)).toMatch(/is neither delivered nor parked|for the first time after/);
    },
    LIMIT_MS,
  );
});
