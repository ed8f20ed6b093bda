import type { Moves } from './moves.ts';
import type { State } from './state.ts';

/** Far more than any turn needs. */
const MAX_STEPS = 500;

/** Whatever has happened: with the comet up, redeliverers alone come to an end. Answers what is wrong. */
export const createCatchUp = (moves: Moves, stateKey: (state: State) => string) => {
  const done = new Set<string>();
  return async ({ partitions, isReplayed }: State): Promise<string | undefined> => {
    let state: State = {
      partitions,
      isReplayed,
      isUp: true,
      flips: 0,
      faults: 0,
      processes: [],
      floating: [],
    };
    const key = stateKey(state);
    if (done.has(key)) return undefined;
    done.add(key);
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const [move] = await moves.next(state, true);
      if (move === undefined) return undefined;
      state = move.state;
      if (state.violation !== undefined) return `while redeliver catches up, ${state.violation}`;
    }
    return 'redeliver never catches up';
  };
};
