import { createRandom, type Random } from '../random.ts';
import { createCatchUp } from './catch-up.ts';
import { createMoves, type Move, type Moves } from './moves.ts';
import { placeCount } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { State } from './state.ts';
import { createStateKey } from './state-key.ts';

export interface Walked {
  readonly walks: number;
  readonly steps: number;
  /** The seed of the walk that went wrong, its steps, and what is wrong. */
  readonly violation: readonly string[] | undefined;
}

/** A comet that stays down is probed for ever. */
const MAX_STEPS = 400;
/** What the code did before is forgotten then, or it would fill the memory. */
const MAX_PLACES = 200_000;
/** Faults are to be spread over a walk, not used up at its beginning. */
const FAULT_CHANCE = 0.08;

const isFault = (from: State, { state }: Move): boolean =>
  state.faults < from.faults || state.flips < from.flips;

const pickMove = (random: Random, from: State, moves: readonly Move[]): Move => {
  const faults = moves.filter((move) => isFault(from, move));
  const others = moves.filter((move) => !isFault(from, move));
  const isStruck = others.length === 0 || (faults.length > 0 && random.chance(FAULT_CHANCE));
  return random.pick(isStruck ? faults : others);
};

const walkOnce = async (
  moves: Moves,
  random: Random,
): Promise<{ readonly state: State; readonly texts: (() => string)[] }> => {
  const texts: (() => string)[] = [];
  let state = moves.start;
  while (texts.length < MAX_STEPS && state.violation === undefined) {
    const next = await moves.next(state);
    if (next.length === 0) break;
    const move = pickMove(random, state, next);
    texts.push(move.text);
    state = move.state;
  }
  return { state, texts };
};

/** One random way after another, from a seed each, until something is wrong or `endsAt` (of `performance.now`) has come. */
export const walk = async (scenario: Scenario, seed: number, endsAt: number): Promise<Walked> => {
  let steps = 0;
  let walks = 0;
  while (performance.now() < endsAt) {
    const moves = createMoves(scenario);
    const catchUp = createCatchUp(moves, createStateKey(scenario));
    const forgetAt = placeCount() + MAX_PLACES;
    while (performance.now() < endsAt && placeCount() < forgetAt) {
      const { state, texts } = await walkOnce(moves, createRandom(seed + walks));
      walks += 1;
      steps += texts.length;
      const wrong = state.violation ?? (await catchUp(state));
      if (wrong === undefined) continue;
      const violation = [`seed ${seed + walks - 1}`, ...texts.map((text) => text()), `⇒ ${wrong}`];
      return { walks, steps, violation };
    }
  }
  return { walks, steps, violation: undefined };
};
