import { describe, expect, it } from 'vitest';
import { walkLease } from './walk.ts';
import type { Broken } from './world.ts';

const WALKS = 300;
const BROKEN_WALKS = 3_000;
const SEEDS = Array.from({ length: WALKS }, (_, index) => index + 1);
const BROKEN: readonly [Broken, RegExp][] = [
  ['asked-by-earlier', /started before/],
  ['taken-by-earlier', /started before/],
  ['taken-while-held', /writes, and/],
  ['unseen-write', /writes, and/],
  ['never-runs-out', /come to rest/],
];

describe('the hand-over of leases', () => {
  it('ends, goes forward only, and leaves one merge that writes and nothing parked, on random ways', async () => {
    for (const seed of SEEDS) {
      const { violation, steps } = await walkLease(seed);
      expect(violation, `seed ${seed}:\n${steps.join('\n')}`).toBeUndefined();
    }
  });

  it.each(BROKEN)('is seen to fail without a protection: %s', async (broken, violation) => {
    let found: string | undefined;
    for (let seed = 1; found === undefined && seed <= BROKEN_WALKS; seed++)
      found = (await walkLease(seed, broken)).violation;
    expect(found).toMatch(violation);
  });
});
