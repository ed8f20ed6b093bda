import { createCatchUp } from './catch-up.ts';
import { createMoves, type Moves } from './moves.ts';
import type { Scenario } from './scenario.ts';
import { createSeen } from './seen.ts';
import type { State } from './state.ts';
import { createStateKey } from './state-key.ts';

export interface Explored {
  readonly states: number;
  readonly moves: number;
  /** Nothing is left to be explored. */
  readonly isComplete: boolean;
  /** The shortest way to what is wrong: its steps, then what it is. */
  readonly violation: readonly string[] | undefined;
}

/** The steps from the start, by the number of the move taken in each state. */
const stepsTo = async (moves: Moves, choices: readonly number[]): Promise<string[]> => {
  const steps: string[] = [];
  let state = moves.start;
  for (const choice of choices) {
    const move = (await moves.next(state))[choice];
    if (move === undefined) throw new RangeError('the code is not deterministic');
    steps.push(move.text());
    state = move.state;
  }
  return steps;
};

/** A state and its number. */
type Found = readonly [id: number, state: State];

/** Where each state came from, by its number. */
const createPaths = () => {
  const parents: number[] = [-1];
  const choices: number[] = [-1];
  return {
    get count() {
      return parents.length;
    },
    add: (parent: number, choice: number): number => {
      choices.push(choice);
      return parents.push(parent) - 1;
    },
    choicesTo: (id: number): number[] => {
      const path: number[] = [];
      for (let at = id; at > 0; at = parents[at] as number) path.push(choices[at] as number);
      return path.reverse();
    },
  };
};

/** Every state that can be reached, breadth first, until something is wrong or `endsAt` (of `performance.now`) has come. */
export const explore = async (scenario: Scenario, endsAt: number): Promise<Explored> => {
  const moves = createMoves(scenario);
  const stateKey = createStateKey(scenario);
  const catchUp = createCatchUp(moves, stateKey);
  const seen = createSeen();
  const paths = createPaths();
  let moved = 0;
  seen.add(stateKey(moves.start));

  const wrongIn = async (state: State): Promise<string | undefined> =>
    state.violation ?? (state.processes.length === 0 ? catchUp(state) : undefined);

  /** Adds what is new from here to `found`; answers the way to what is wrong. */
  const expand = async ([id, state]: Found, found: Found[]): Promise<string[] | undefined> => {
    for (const [choice, move] of (await moves.next(state)).entries()) {
      moved += 1;
      if (!seen.add(stateKey(move.state))) continue;
      const child = paths.add(id, choice);
      const wrong = await wrongIn(move.state);
      if (wrong !== undefined) return [...(await stepsTo(moves, paths.choicesTo(child))), `⇒ ${wrong}`];
      found.push([child, move.state]);
    }
    return undefined;
  };

  const ended = (isComplete: boolean, violation?: readonly string[]): Explored => ({
    states: paths.count,
    moves: moved,
    isComplete,
    violation,
  });

  let level: Found[] = [[0, moves.start]];
  while (level.length > 0) {
    const nextLevel: Found[] = [];
    for (const found of level) {
      if (performance.now() > endsAt) return ended(false);
      const violation = await expand(found, nextLevel);
      if (violation !== undefined) return ended(false, violation);
    }
    level = nextLevel;
  }
  return ended(true);
};
