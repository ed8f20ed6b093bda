import { expect, it } from 'vitest';
import { waitForFleet } from '../../../local/set/fleet-wait.ts';

const comet = (id: string, leftAt?: number) => ({
  id,
  addresses: [],
  ...(leftAt === undefined ? {} : { leftAt }),
});
const { signal } = new AbortController();

/** Answers one after the other, and the last one again and again. */
const fleetOf = (...answers: readonly { comets: ReturnType<typeof comet>[]; fresh?: string[] }[]) => {
  let asked = 0;
  const answer = () => answers[Math.min(asked, answers.length - 1)] ?? { comets: [] };
  return {
    readHeader: async () => ({
      version: 1,
      mergedAt: 1,
      fleetAt: 1,
      fresh: new Set(answer().fresh),
      silent: new Set<string>(),
    }),
    readComets: async () => {
      const { comets } = answer();
      asked += 1;
      return comets;
    },
  };
};

it('a fleet that stays empty is none', async () => {
  const fleet = fleetOf({ comets: [comet('left', 1)] });
  expect(await waitForFleet({ fleet, timeoutMs: 0, freshMs: 60_000, signal })).toEqual([]);
});

it('all of a fleet are waited for, and are fresh', async () => {
  const comets = [comet('a'), comet('b')];
  const fleet = fleetOf({ comets: [] }, { comets, fresh: ['a'] }, { comets, fresh: ['a', 'b'] });
  const known = await waitForFleet({ fleet, timeoutMs: Number.POSITIVE_INFINITY, freshMs: 60_000, signal });
  expect(known.map(({ id, isFresh }) => [id, isFresh])).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

it('a comet that does not answer is known as that', async () => {
  const fleet = fleetOf({ comets: [comet('a'), comet('down')], fresh: ['a'] });
  const known = await waitForFleet({ fleet, timeoutMs: 60_000, freshMs: 0, signal });
  expect(known.map(({ id, isFresh }) => [id, isFresh])).toEqual([
    ['a', true],
    ['down', false],
  ]);
});
