import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ROOMS_ASKS_A_TURN } from '../../lib/domain/limits.ts';
import { createAsker } from '../../lib/merge-rooms/ask.ts';
import { comet, fleetOf } from './world.ts';

const comets = Array.from({ length: 10 * ROOMS_ASKS_A_TURN }, (_, index) => comet(`comet-${index}`));

/** All of them asked by way of `rooms`, in a time that ends with `over`. */
const ask = (rooms: (id: string) => Promise<ReadonlySet<string>>, over: Promise<void>) => {
  const asker = createAsker(
    {
      registry: { query: {}, comets: async () => fleetOf(...comets) },
      openComet: ({ id }) => ({ rooms: () => rooms(id), deliver: async () => [], close: () => {} }),
      clock: { now: () => 0, sleep: () => over },
    },
    { state: () => {}, forget: () => {} },
  );
  return asker.ask(comets);
};

test('the comets of a large fleet are asked a few at a time, and those that have answered make room', async () => {
  let open = 0;
  let most = 0;
  const { lists } = await ask(
    async (id) => {
      open += 1;
      most = Math.max(most, open);
      await nextTurn();
      open -= 1;
      return new Set([id]);
    },
    new Promise(() => {}),
  );
  expect(lists.size).toBe(comets.length);
  expect(most).toBeLessThanOrEqual(2 * ROOMS_ASKS_A_TURN);
});

test('comets that hang keep no other from being asked, however many they are', async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const answering = comets.at(-1)?.id;
  const { lists, silent } = await ask(async (id) => {
    if (id !== answering) return new Promise(() => {});
    void nextTurn().then(end);
    return new Set();
  }, over);
  expect([...lists.keys()]).toEqual([answering]);
  expect(silent.size).toBe(comets.length - 1);
});
