import { callText, partsOf } from './calls.ts';
import { createEffects } from './effects.ts';
import { isReplayedOp } from './invariant.ts';
import { type Place, type Program, startPlace, Unseen } from './process.ts';
import { createPrograms } from './programs.ts';
import type { Scenario } from './scenario.ts';
import { freePid, type Process, type State } from './state.ts';
import { type AddStep, createSteps } from './steps.ts';

/** One step that the world may take. */
export interface Move {
  readonly state: State;
  /** For a person. */
  readonly text: () => string;
}

const NOTHING: ReadonlyMap<number, number> = new Map();

const processName = ({ partitions }: State, { kind, isZombie, partition, end }: Process): string => {
  if (kind === 'redeliver') return 'redeliver';
  const first = partitions[partition]?.committed ?? 0;
  const name = kind === 'replay' ? 'replay' : `dispatch ${partition} [${first}-${end - 1}]`;
  return isZombie ? `${name} (given up)` : name;
};

const startOf = (scenario: Scenario): State => ({
  partitions: scenario.lanes.map((_, index) => ({
    committed: isReplayedOp(scenario, index, 0) ? 1 : 0,
    delivered: 0,
    mark: undefined,
    runs: [],
    before: undefined,
  })),
  isUp: true,
  flips: scenario.flips,
  faults: scenario.faults,
  isReplayed: false,
  processes: [],
  floating: [],
});

const isRunning = (state: State, kind: Process['kind'], partition: number): boolean =>
  state.processes.some((one) => one.kind === kind && !one.isZombie && one.partition === partition);

/** Everything that may happen next in a state of a scenario. */
export const createMoves = (scenario: Scenario) => {
  const { lanes, maxBatch, redeliverers, replay } = scenario;
  const programs = createPrograms(scenario);
  const effects = createEffects(scenario);
  const { addSteps, checked } = createSteps(scenario, effects);
  const rootByName = new Map<string, Place>();

  const root = (shape: string, pid: number, program: () => Program): Place => {
    const name = `${shape} ${pid}`;
    const known = rootByName.get(name);
    if (known !== undefined) return known;
    throw new Unseen(async () => {
      rootByName.set(name, await startPlace(shape, program()));
    });
  };

  /** A process begins when its first call is answered: until then it is nowhere. */
  const begin = (state: State, like: Omit<Process, 'isZombie' | 'landed'>, add: AddStep): void => {
    const process: Process = { ...like, isZombie: false, landed: NOTHING };
    addSteps({ ...state, processes: [...state.processes, process] }, process, add);
  };

  /** The event source brings what is not committed, one batch of a partition at a time. */
  const beginDispatches = (state: State, partition: number, add: AddStep): void => {
    const first = state.partitions[partition]?.committed ?? 0;
    const left = (lanes[partition]?.length ?? 0) - first;
    if (left === 0 || isRunning(state, 'dispatch', partition)) return;
    const pid = freePid(state);
    for (let count = 1; count <= Math.min(left, maxBatch); count++) {
      const offsets = Array.from({ length: count }, (_, i) => first + i);
      const place = root(`dispatch ${partition} ${offsets}`, pid, () =>
        programs.dispatch(partition, offsets, pid, false),
      );
      begin(state, { kind: 'dispatch', partition, end: first + count, pid, place }, add);
    }
  };

  /** Until it has succeeded: who replays looks at its answer. */
  const beginReplay = (state: State, add: AddStep): void => {
    if (replay === 'none' || state.isReplayed || isRunning(state, 'replay', 0)) return;
    const pid = freePid(state);
    const place = root('replay', pid, () =>
      replay === 'park' ? programs.replayOp(0, 0, pid) : programs.dispatch(0, [0], pid, true),
    );
    begin(state, { kind: 'replay', partition: 0, end: 1, pid, place }, add);
  };

  const beginRedeliver = (state: State, partitions: readonly number[], add: AddStep): void => {
    const place = root(`redeliver ${partitions}`, -1, () => programs.redeliver(partitions));
    begin(state, { kind: 'redeliver', partition: 0, end: 0, pid: -1, place }, add);
  };

  /** Woken or swept; one that died is one that takes no more steps. */
  const beginRedelivers = (state: State, add: AddStep): void => {
    if (state.processes.filter(({ kind }) => kind === 'redeliver').length >= redeliverers) return;
    const behind = [...state.partitions.keys()].filter((i) => state.partitions[i]?.mark !== undefined);
    for (const partition of behind) beginRedeliver(state, [partition], add);
    if (behind.length > 1) beginRedeliver(state, behind, add);
  };

  const zombies = (state: State): Move[] =>
    state.processes
      .filter(({ kind, isZombie }) => kind !== 'redeliver' && !isZombie)
      .map((process) => {
        const others = state.processes.filter((other) => other !== process);
        const processes = [...others, { ...process, isZombie: true }];
        return {
          state: { ...state, faults: state.faults - 1, processes },
          text: () =>
            `${processName(state, process)} is given up: it dies, or goes on while its work comes again`,
        };
      });

  const lateWrites = (state: State): Move[] =>
    state.floating.flatMap((one) => {
      const parts = partsOf(one.call);
      const others = state.floating.filter((other) => other !== one);
      return effects.landable(one.call, one.landed, parts).map((part) => {
        const landed = one.landed | (1 << part);
        const floating = landed === (1 << parts) - 1 ? others : [...others, { ...one, landed }];
        return {
          state: checked({ ...effects.land(state, one.call, part), floating }),
          text: () => `a write lands late: ${callText(one.call, part)}`,
        };
      });
    });

  const flip = (state: State): Move => ({
    state: { ...state, isUp: !state.isUp, flips: state.flips - 1 },
    text: () => `the comet goes ${state.isUp ? 'down' : 'up'}`,
  });

  const movesOf = (state: State, isCatchUp: boolean): Move[] => {
    const moves: Move[] = [];
    const add: AddStep = (to, text, process) => {
      moves.push({ state: to, text: () => `${processName(state, process)} ${text()}` });
    };
    for (const process of state.processes) addSteps(state, process, add);
    beginRedelivers(state, add);
    if (isCatchUp) return moves;
    for (const partition of state.partitions.keys()) beginDispatches(state, partition, add);
    beginReplay(state, add);
    if (state.faults > 0) moves.push(...zombies(state));
    moves.push(...lateWrites(state));
    if (state.flips > 0) moves.push(flip(state));
    return moves;
  };

  /** What may happen next; to catch up, redeliverers alone. Runs the real code on where no exploration has been. */
  const next = async (state: State, isCatchUp = false): Promise<Move[]> => {
    for (;;) {
      try {
        return movesOf(state, isCatchUp);
      } catch (error) {
        if (!(error instanceof Unseen)) throw error;
        await error.see();
      }
    }
  };

  return { start: startOf(scenario), next };
};

export type Moves = ReturnType<typeof createMoves>;
