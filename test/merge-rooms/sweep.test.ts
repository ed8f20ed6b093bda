import { expect, test } from 'vitest';
import { ServiceError } from '../../lib/errors.ts';
import { comet, createWorld, fleetOf, START, type World } from './world.ts';

const [a, b] = [comet('a'), comet('b')];

/** When a sweep of comets that are behind all the while meant each of them, ms after the start. */
const sweepsOf = (world: World, ...behind: string[]) => {
  const atById = new Map<string, number[]>(behind.map((id) => [id, []]));
  world.sweep = async (isMeant) => {
    for (const id of behind.filter(isMeant)) atById.get(id)?.push(world.clock.now() - START);
    return 0;
  };
  return (id: string) => atById.get(id);
};

test('the merge looks each 5 s for what waits for a comet that is not in the fleet', async () => {
  const world = createWorld(a);
  const meant = sweepsOf(world, 'unknown');
  await world.merge(16_000);
  expect(meant('unknown')).toEqual([0, 5_000, 10_000, 15_000]);
});

test('a comet that comes is woken within 5 s, and once more for who has not seen it come', async () => {
  const world = createWorld(a);
  const meant = sweepsOf(world, 'b');
  world.after(20_500, () => {
    world.registry = fleetOf(a, b);
  });
  await world.merge(41_000);
  expect(meant('b')?.filter((at) => at > 20_500)).toEqual([25_000, 30_000]);
});

test('a comet that leaves is looked after again, so that what waits for it is given up in time', async () => {
  const world = createWorld(a, b);
  const meant = sweepsOf(world, 'b');
  world.after(20_500, () => {
    world.registry = fleetOf(a);
  });
  await world.merge(51_000);
  // Absent for 10 s, it has left.
  expect(meant('b')?.filter((at) => at > 20_500)).toEqual([45_000, 50_000]);
});

test('a comet that stays is left to the wakes of who parks, but for what was there when the merge began', async () => {
  const world = createWorld(a);
  const meant = sweepsOf(world, 'a');
  await world.merge(31_000);
  expect(meant('a')).toEqual([0, 5_000]);
});

test('a sweep that takes long holds up no pass, and none begins beside it', async () => {
  const world = createWorld(a);
  const begun: number[] = [];
  world.sweep = async () => {
    begun.push(world.clock.now() - START);
    await world.clock.sleep(7_500);
    return 0;
  };
  await world.merge(18_000);
  expect(begun).toEqual([0, 8_000, 16_000]);
  expect(world.asked.map(({ at }) => at)).toEqual(Array.from({ length: 17 }, (_, n) => (n + 1) * 1_000));
});

test('the merge ends once its sweep has', async () => {
  const world = createWorld(a);
  let ended = 0;
  world.sweep = async () => {
    await world.clock.sleep(4_000);
    ended = world.clock.now() - START;
    return 0;
  };
  await world.merge(1_000);
  expect(ended).toBe(4_000);
});

test.each([
  ['cannot wake all', async () => 2, 'redeliver could not be woken', { comets: 2 }],
  [
    'cannot read the table',
    () => Promise.reject(new ServiceError('STORE_UNANSWERED', 'no', { retryable: true })),
    'a step of the merge failed',
    { code: 'STORE_UNANSWERED' },
  ],
  [
    'has a bug',
    () => Promise.reject(new TypeError('a bug')),
    'a step of the merge failed',
    { code: 'UNEXPECTED' },
  ],
])(
  'a sweep that %s is said once, and once that it is well again',
  async (_name, failing, message, fields) => {
    const world = createWorld(a);
    world.sweep = failing;
    world.after(14_000, () => {
      world.sweep = async () => 0;
    });
    await world.merge(21_000);
    expect(world.lines.filter(({ fields: { subject } }) => subject === 'sweep')).toMatchObject([
      { level: 'warn', message, fields },
      { level: 'info', message: 'well again' },
    ]);
  },
);
