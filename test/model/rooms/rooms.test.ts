import { describe, expect, it } from 'vitest';
import { walkRooms } from './walk.ts';
import { BROKEN_ROOMS } from './world.ts';

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);
const BROKEN_WALKS = 3_000;

describe('the rooms that dispatch keeps', () => {
  it('let no comet be skipped for a room that its fresh list has, on random ways', async () => {
    for (const seed of SEEDS) {
      const { violation, steps } = await walkRooms(seed);
      expect(violation, `seed ${seed}:\n${steps.join('\n')}`).toBeUndefined();
    }
  });

  it.each(BROKEN_ROOMS)('are seen to lose a message without a protection: %s', async (broken) => {
    let found: string | undefined;
    for (let seed = 1; found === undefined && seed <= BROKEN_WALKS; seed++)
      found = (await walkRooms(seed, broken)).violation;
    expect(found).toMatch(/is skipped for/);
  });
});
