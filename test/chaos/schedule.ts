import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, type Random } from '../random.ts';
import { COMET_IDS } from './seating.ts';
import type { Strike } from './strike.ts';
import type { World } from './world.ts';

export interface Planned {
  readonly atMs: number;
  readonly strike: Strike;
  readonly cometIndex: number;
  /** Of what it does. */
  readonly seed: number;
}

/** Between two strikes on one comet. */
const REST_MS = 500;

/** A comet that is free then, for as long as the strike takes. */
const placeOn = (freeAt: number[], wantedMs: number, lengthMs: number, random: Random) => {
  const order = random.shuffle([...freeAt.keys()]);
  const free = order.find((index) => (freeAt[index] ?? 0) <= wantedMs);
  const cometIndex = free ?? order.reduce((a, b) => ((freeAt[a] ?? 0) <= (freeAt[b] ?? 0) ? a : b));
  const atMs = Math.max(wantedMs, freeAt[cometIndex] ?? 0);
  freeAt[cometIndex] = atMs + lengthMs + REST_MS;
  return { atMs, cometIndex };
};

/** Each strike so many times, spread over the time; of strikes on one comet one after the other. The same for a seed each time. */
export const planStrikes = (
  strikes: readonly Strike[],
  options: { readonly seed: number; readonly times: number; readonly fromMs: number; readonly toMs: number },
): Planned[] => {
  const { seed, times, fromMs, toMs } = options;
  const random = createRandom(seed);
  const wanted = strikes
    .flatMap((strike) => Array.from({ length: strike.discoveryOnly ? 2 * times : times }, () => strike))
    .map((strike) => {
      const latestMs = Math.max(fromMs, toMs - (strike.cometMs ?? 0));
      return { strike, wantedMs: random.int(fromMs, latestMs), seed: random.int(0, 2 ** 31) };
    })
    .sort((a, b) => a.wantedMs - b.wantedMs);
  const freeAt = COMET_IDS.map(() => fromMs);
  const planned = wanted.map(({ strike, wantedMs, seed: own }) => {
    const place =
      strike.cometMs === undefined
        ? { atMs: wantedMs, cometIndex: random.int(0, COMET_IDS.length - 1) }
        : placeOn(freeAt, wantedMs, strike.cometMs, random);
    return { strike, seed: own, ...place };
  });
  return planned.sort((a, b) => a.atMs - b.atMs);
};

/** Strikes as planned until `isOver`; resolves when all of them have ended. */
export const runStrikes = async (
  world: World,
  planned: readonly Planned[],
  isOver: () => boolean,
): Promise<void> => {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  for (const { atMs, strike, cometIndex, seed } of planned) {
    while (performance.now() < startedAt + atMs && !isOver()) await pause(20);
    if (isOver()) break;
    const comet = world.comets[cometIndex];
    if (comet === undefined) continue;
    const struck = () => {
      world.faults.struck(strike.kind);
      if (strike.cometMs !== undefined) world.faults.hit(strike.kind);
    };
    const end = async () => {
      world.log(`strike ${strike.kind}${strike.cometMs === undefined ? '' : ` at ${comet.id}`}`);
      await strike.run(world, createRandom(seed), struck, comet);
      if (strike.cometMs !== undefined) world.log(`end of ${strike.kind} at ${comet.id}`);
    };
    running.push(end().catch((error: unknown) => console.error(`strike ${strike.kind}:`, error)));
  }
  await Promise.all(running);
};
