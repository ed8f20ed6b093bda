import type { Run } from './calls.ts';
import type { Scenario } from './scenario.ts';
import type { Partition, State } from './state.ts';

export const isReplayedOp = ({ replay }: Scenario, partition: number, offset: number): boolean =>
  replay !== 'none' && partition === 0 && offset === 0;

/** At every moment: what has been answered for is with the comet, or is parked under a mark. */
export const createInvariant = (scenario: Scenario): ((state: State) => State) => {
  const { lanes } = scenario;

  const isSafe = ({ delivered, mark, runs }: Partition, offset: number): boolean => {
    if ((delivered & (1 << offset)) !== 0) return true;
    const isMarked = mark !== undefined && mark.through >= offset;
    return isMarked && runs.some((run: Run) => run.offsets.includes(offset));
  };

  const isPromised = ({ partitions, isReplayed }: State, index: number, offset: number): boolean =>
    isReplayedOp(scenario, index, offset) ? isReplayed : offset < (partitions[index]?.committed ?? 0);

  const lostIn = (state: State, index: number): number | undefined => {
    const partition = state.partitions[index] as Partition;
    for (let offset = 0; offset < (lanes[index]?.length ?? 0); offset++) {
      if (isPromised(state, index, offset) && !isSafe(partition, offset)) return offset;
    }
    return undefined;
  };

  return (state) => {
    if (state.violation !== undefined) return state;
    for (const index of lanes.keys()) {
      const lost = lostIn(state, index);
      if (lost === undefined) continue;
      const violation = `op ${lost} of ${index} is neither delivered nor parked under a mark, and nothing brings it again`;
      return { ...state, violation };
    }
    return state;
  };
};
