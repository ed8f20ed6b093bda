import type { Answer, Call, Mark, Run, Said } from './calls.ts';
import { NONE } from './calls.ts';
import { isReplayedOp } from './invariant.ts';
import type { Scenario } from './scenario.ts';
import type { Partition, State } from './state.ts';

const withPartition = (state: State, index: number, change: Partial<Partition>): State => ({
  ...state,
  partitions: state.partitions.map((partition, i) => (i === index ? { ...partition, ...change } : partition)),
});

const partitionAt = (state: State, index: number): Partition => state.partitions[index] as Partition;

/** What one effect of a call does to the world, and what a reader may be told. */
export const createEffects = (scenario: Scenario) => {
  const { broken, lanes } = scenario;
  const keepsBefore = broken === 'stale-mark' || broken === 'stale-marks' || broken === 'stale-runs';

  const write = (state: State, index: number, change: Pick<Partial<Partition>, 'mark' | 'runs'>): State => {
    const { mark, runs, before } = partitionAt(state, index);
    if (!keepsBefore) return withPartition(state, index, change);
    const old = 'runs' in change ? { mark: before?.mark, runs } : { mark, runs: before?.runs ?? [] };
    return withPartition(state, index, { ...change, before: old });
  };

  const passedBy = (index: number, offset: number, delivered: number): number | undefined => {
    const lane = lanes[index] ?? '';
    for (let later = offset + 1; later < lane.length; later++) {
      if (lane[later] === lane[offset] && (delivered & (1 << later)) !== 0) return later;
    }
    return undefined;
  };

  /** The op reaches the comet: in its lane, nothing later may have been there before it. A replayed one is outside the order. */
  const receive = (state: State, index: number, offset: number): State => {
    const { delivered } = partitionAt(state, index);
    if ((delivered & (1 << offset)) !== 0) return state;
    const next = withPartition(state, index, { delivered: delivered | (1 << offset) });
    const later = isReplayedOp(scenario, index, offset) ? undefined : passedBy(index, offset, delivered);
    if (later === undefined) return next;
    return {
      ...next,
      violation: `op ${offset} of ${index} is delivered for the first time after op ${later}`,
    };
  };

  const putRun = (state: State, run: Run): State => {
    const { runs } = partitionAt(state, run.partition);
    const others = runs.filter(({ key }) => key !== run.key);
    const next = [...others, run].sort((a, b) => (a.key < b.key ? -1 : 1));
    return write(state, run.partition, { runs: next });
  };

  const removeRun = (state: State, { key, partition }: Run): State =>
    write(state, partition, { runs: partitionAt(state, partition).runs.filter((run) => run.key !== key) });

  const rewriteRun = (state: State, run: Run): State =>
    partitionAt(state, run.partition).runs.some(({ key }) => key === run.key) ? putRun(state, run) : state;

  const raise = (state: State, mark: Mark, late: 'offset' | 'token' | undefined): State => {
    const held = partitionAt(state, mark.partition).mark?.through ?? -1;
    if (late !== undefined && (late === 'token') !== held > mark.through) return state;
    const through = Math.max(held, mark.through);
    return write(state, mark.partition, { mark: { ...mark, through } });
  };

  const isTheOneRead = (held: Mark | undefined, { through, token }: Mark): boolean => {
    if (held === undefined || broken === 'unconditional-delete') return held !== undefined;
    return broken === 'no-token' ? held.through === through : held.token === token;
  };

  const isHeld = (state: State, call: Call): boolean => {
    switch (call.kind) {
      case 'raise':
        return partitionAt(state, call.mark.partition).mark === undefined;
      case 'removeMark':
        return isTheOneRead(partitionAt(state, call.mark.partition).mark, call.mark);
      case 'readMarks':
      case 'readMark':
      case 'readRuns':
      case 'deliver':
      case 'put':
      case 'removeRuns':
      case 'rewrite':
      case 'sleep':
        return false;
    }
  };

  /** One effect of a call lands. */
  const land = (state: State, call: Call, part: number): State => {
    switch (call.kind) {
      case 'deliver':
        return receive(state, call.partition, call.offsets[part] as number);
      case 'put':
        return putRun(state, call.runs[part] as Run);
      case 'removeRuns':
        return removeRun(state, call.runs[part] as Run);
      case 'rewrite':
        return rewriteRun(state, call.run);
      case 'raise':
        return raise(state, call.mark, call.late);
      case 'removeMark':
        return isHeld(state, call) ? write(state, call.mark.partition, { mark: undefined }) : state;
      case 'readMarks':
      case 'readMark':
      case 'readRuns':
      case 'sleep':
        return state;
    }
  };

  const marksAnswer = (mark: Mark | undefined): Answer => ({ kind: 'marks', marks: mark ? [mark] : [] });
  const runsAnswer = (runs: readonly Run[]): Answer => ({ kind: 'runs', runs });
  const orStale = <T>(answer: Answer, isStale: boolean, before: T | undefined, of: (old: T) => Answer) =>
    isStale && before !== undefined ? [answer, of(before)] : [answer];

  /** What a call may be answered once its last effect lands; `state` is the one before. */
  const answers = (state: State, call: Call): readonly Answer[] => {
    switch (call.kind) {
      case 'readMarks':
      case 'readMark': {
        const { mark, before } = partitionAt(state, call.partition);
        const isStale = broken === (call.kind === 'readMark' ? 'stale-mark' : 'stale-marks');
        return orStale(marksAnswer(mark), isStale, before, (old) => marksAnswer(old.mark));
      }
      case 'readRuns': {
        const { runs, before } = partitionAt(state, call.partition);
        return orStale(runsAnswer(runs), broken === 'stale-runs', before, (old) => runsAnswer(old.runs));
      }
      case 'deliver':
        return [{ kind: 'said', said: call.offsets.map((): Said => 'delivered') }];
      case 'raise':
      case 'removeMark':
        return [{ kind: 'held', held: isHeld(state, call) }];
      case 'put':
      case 'removeRuns':
      case 'rewrite':
      case 'sleep':
        return [NONE];
    }
  };

  /** Which effects of a call may land next: of a delivery, those that wait for no earlier op of their lane. */
  const landable = (call: Call, landed: number, parts: number): number[] => {
    const laneAt = (part: number): string | undefined =>
      call.kind === 'deliver' ? lanes[call.partition]?.[call.offsets[part] as number] : undefined;
    const free: number[] = [];
    for (let part = 0; part < parts; part++) {
      const isFree =
        (landed & (1 << part)) === 0 &&
        (call.kind !== 'deliver' || !free.some((earlier) => laneAt(earlier) === laneAt(part)));
      if (isFree) free.push(part);
    }
    return free;
  };

  return { land, answers, landable };
};

export type Effects = ReturnType<typeof createEffects>;
