import { expect, test } from 'vitest';
import { createPace } from '../../../lib/comet/calls/pace.ts';
import type { Scope } from '../../../lib/comet/calls/scope.ts';

const LIMITS = { gapMs: 1, burstCalls: 5, callEveryMs: 10 };

/** When each call may go, on a clock that only waiting moves; an answer comes at once. */
const paced = async (lanes: readonly (readonly string[])[], limits = LIMITS): Promise<number[]> => {
  let now = 1_000;
  const scope = {
    stopped: undefined,
    wait: async (ms: number) => {
      now += ms;
    },
  } as Partial<Scope> as Scope;
  const pace = createPace(() => now, limits);
  const times: number[] = [];
  for (const names of lanes) {
    await pace.turn(names, scope);
    times.push(now - 1_000);
    for (const name of names) pace.answered(name);
  }
  return times;
};
const calls = (count: number, lane: string) => Array<readonly string[]>(count).fill([lane]);

test('a burst keeps the gap alone, what follows the distance', async () => {
  expect(await paced(calls(8, 'a'))).toEqual([0, 1, 2, 3, 4, 10, 20, 30]);
});

test('lanes do not wait for each other', async () => {
  expect(await paced([...calls(5, 'a'), ['b'], ['c']], { ...LIMITS, gapMs: 0 })).toEqual(Array(7).fill(0));
});

test('a call of several lanes waits for the last of them, and counts in each', async () => {
  const noGap = { ...LIMITS, gapMs: 0 };
  expect(await paced([...calls(5, 'a'), ['b', 'a'], ...calls(4, 'b'), ['b']], noGap)).toEqual([
    0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 20,
  ]);
});
