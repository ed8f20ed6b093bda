import { expect, it } from 'vitest';
import type { RoomsChange } from '../../lib/comet/client.ts';
import { MERGE_EARLY_MS } from '../../lib/domain/limits.ts';
import { ServiceError } from '../../lib/errors.ts';
import { comet, createWorld, START, type World } from './world.ts';

/** One comet that says at these times, ms after the start, that its rooms have changed, and how often it was asked whether. */
const changingAt = (...times: number[]) => {
  const world = createWorld(comet('a'));
  const asked: number[] = [];
  world.roomsChange = async (): Promise<RoomsChange> => {
    const at = world.clock.now() - START;
    asked.push(at);
    const next = times.shift();
    if (next === undefined) return new Promise(() => {});
    await world.clock.sleep(Math.max(0, next - at));
    return 'changed';
  };
  return { world, asked };
};

const passes = (world: World): number[] => world.tables.headers.map(({ mergedAt }) => mergedAt - START);

it('a pass begins as soon as a comet says that its rooms have changed, and a second after each other', async () => {
  const { world } = changingAt(2_350);
  world.after(2_340, () => world.roomsByAddress.set('http://a', new Set(['r'])));
  await world.merge(5_000);
  expect(passes(world)).toEqual([0, 1_000, 2_000, 2_350, 3_350, 4_350]);
  expect(world.tables.done.find(({ kind }) => kind === 'room')).toMatchObject({ at: START + 2_350 });
});

it('passes and questions keep a distance, however often rooms change', async () => {
  const { world, asked } = changingAt(...Array.from({ length: 5_000 }, (_, ms) => ms));
  await world.merge(3_000);
  for (const times of [passes(world).slice(1), asked]) {
    expect(times.length).toBeGreaterThan(8);
    for (const [i, at] of times.entries())
      expect(at - (times[i - 1] ?? -1_000)).toBeGreaterThanOrEqual(MERGE_EARLY_MS);
  }
});

it('passes that take long are not brought forward', async () => {
  const { world } = changingAt(...Array.from({ length: 5_000 }, (_, ms) => ms));
  world.answerMs = 300;
  await world.merge(5_000);
  expect(passes(world)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
});

it('a comet that cannot say so is asked once', async () => {
  const world = createWorld(comet('a'));
  let asked = 0;
  world.roomsChange = async () => {
    asked += 1;
    return 'unsupported';
  };
  await world.merge(5_000);
  expect([asked, passes(world).length]).toEqual([1, 5]);
});

it('at most 300 comets are asked at once, those that cannot say so apart', async () => {
  const world = createWorld(...Array.from({ length: 700 }, (_, i) => comet(`${i}`)));
  let asked = 0;
  world.roomsChange = async () => {
    asked += 1;
    return asked <= 350 ? 'unsupported' : new Promise(() => {});
  };
  await world.merge(6_000);
  expect(asked).toBe(350 + 300);
});

it('a comet that fails to say so is asked again once it has answered the next pass, and no more when the merge has ended', async () => {
  const world = createWorld(comet('a'));
  const signals: AbortSignal[] = [];
  world.roomsChange = async (signal) => {
    signals.push(signal);
    if (signals.length < 3) throw new ServiceError('COMET_TIMEOUT', 'hangs', { retryable: true });
    return new Promise(() => {});
  };
  await world.merge(6_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, true]);
});
