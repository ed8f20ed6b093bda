import { type Answer, type Call, callText, partsOf, type Said, UNANSWERED } from './calls.ts';
import type { Effects } from './effects.ts';
import { createInvariant } from './invariant.ts';
import { answerPlace, type Place } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { Floating, Process, State } from './state.ts';

/** `text`: what the process does. */
export type AddStep = (state: State, text: () => string, process: Process) => void;

/** A call that waits for its answer. */
interface Pending {
  readonly process: Process;
  readonly id: number;
  readonly call: Call;
  readonly landed: number;
}

const isWrite = ({ kind }: Call): boolean =>
  kind === 'put' || kind === 'raise' || kind === 'removeMark' || kind === 'removeRuns' || kind === 'rewrite';

const saidOf = (offsets: readonly number[], landed: number, rest: Said): Said[] =>
  offsets.map((_, part) => ((landed & (1 << part)) !== 0 ? 'delivered' : rest));

const without = (landed: ReadonlyMap<number, number>, call: number): ReadonlyMap<number, number> =>
  landed.has(call) ? new Map([...landed].filter(([other]) => other !== call)) : landed;

/** A write's answer is lost; of a raise the update that was under way may yet land. */
const lateOf = (state: State, call: Call): Call[] => {
  if (call.kind !== 'raise') return [call];
  const isHigher = (state.partitions[call.mark.partition]?.mark?.through ?? -1) > call.mark.through;
  return isHigher
    ? [
        { ...call, late: 'offset' },
        { ...call, late: 'token' },
      ]
    : [{ ...call, late: 'offset' }];
};

/** The steps that one process may take. */
export const createSteps = (scenario: Scenario, effects: Effects) => {
  const { sleeps, errors, broken, oneTurn } = scenario;
  const checked = createInvariant(scenario);

  /** Lambda stops it while it waits, or its turn is over: without a failure nothing is carried over to the next one. */
  const isStopped = ({ kind }: Process, { pending, sleeps: slept }: Place): boolean => {
    const calls = [...pending.values()];
    if (slept >= sleeps && calls.some((call) => call.kind === 'sleep')) return true;
    return oneTurn && kind === 'redeliver' && calls.every((call) => call.kind === 'readMark');
  };

  const finished = (state: State, { kind, isZombie, partition, end }: Process): State => {
    if (isZombie || kind === 'redeliver') return state;
    if (kind === 'replay') return { ...state, isReplayed: true };
    const partitions = state.partitions.map((one, i) => (i === partition ? { ...one, committed: end } : one));
    return { ...state, partitions };
  };

  /** The process goes on with an answer, to its end or to its next calls; what is left of its writes then floats. */
  const goOn = (state: State, { process, id }: Pending, answer: Answer): State => {
    const place = answerPlace(process.place, id, answer);
    const others = state.processes.filter((other) => other !== process);
    const landed = without(process.landed, id);
    if (place.end === 'none' && !isStopped(process, place)) {
      return checked({ ...state, processes: [...others, { ...process, place, landed }] });
    }
    const left = [...place.pending].flatMap(([other, call]): Floating[] =>
      isWrite(call) ? [{ call, landed: landed.get(other) ?? 0 }] : [],
    );
    const next = { ...state, processes: others, floating: [...state.floating, ...left] };
    return checked(place.end === 'resolved' ? finished(next, process) : next);
  };

  const withLanded = (state: State, { process, id }: Pending, landed: number): State =>
    checked({
      ...state,
      processes: state.processes.map((one) =>
        one === process ? { ...one, landed: new Map(one.landed).set(id, landed) } : one,
      ),
    });

  const timeoutOf = (offsets: readonly number[]): Answer => ({
    kind: 'said',
    said: saidOf(offsets, 0, 'timeout'),
  });

  /** The last effect lands, and the call is answered. */
  const addAnswered = (state: State, next: State, pending: Pending, part: number, add: AddStep): void => {
    const { process, call } = pending;
    for (const [i, answer] of effects.answers(state, call).entries()) {
      const text = (): string => `${callText(call, part)}${i > 0 ? ', as it was before the last write' : ''}`;
      add(goOn(next, pending, answer), text, process);
    }
    if (call.kind !== 'deliver' || state.faults === 0) return;
    const text = (): string => `${callText(call, part)}, and the answer is lost`;
    add(goOn({ ...next, faults: next.faults - 1 }, pending, timeoutOf(call.offsets)), text, process);
  };

  /** Another effect of a call lands, and after the last one it is answered. */
  const addLanding = (state: State, pending: Pending, add: AddStep): void => {
    const { process, call, landed } = pending;
    if (call.kind === 'deliver' && !state.isUp) {
      const answer: Answer = { kind: 'said', said: saidOf(call.offsets, landed, 'unreachable') };
      add(goOn(state, pending, answer), () => `finds the comet down, ${callText(call)}`, process);
      return;
    }
    const parts = partsOf(call);
    for (const part of effects.landable(call, landed, parts)) {
      const after = landed | (1 << part);
      const next = effects.land(state, call, part);
      if (after === (1 << parts) - 1) addAnswered(state, next, pending, part, add);
      else add(withLanded(next, pending, after), () => callText(call, part), process);
    }
  };

  /** The comet does not answer, or answers an error to the first op that it does not have yet. */
  const addFailedDelivery = (
    fewer: State,
    pending: Pending & { readonly call: { readonly kind: 'deliver' } },
    add: AddStep,
  ): void => {
    const { process, call, landed } = pending;
    const timeout = timeoutOf(call.offsets);
    add(goOn(fewer, pending, timeout), () => `is not answered: ${callText(call)}`, process);
    if (!errors) return;
    const said = saidOf(call.offsets, landed, 'skipped');
    said[said.indexOf('skipped')] = 'status';
    add(
      goOn(fewer, pending, { kind: 'said', said }),
      () => `is answered an error: ${callText(call)}`,
      process,
    );
  };

  /** Asked again, a raise is two requests; the second one has a token of its own. */
  const addAskedAgain = (state: State, fewer: State, { process, call }: Pending, add: AddStep): void => {
    if (call.kind !== 'raise') return;
    const token = broken === 'token-repeated' ? call.mark.token : `${call.mark.token}'`;
    for (const late of lateOf(state, { ...call, mark: { ...call.mark, token } })) {
      const next = { ...fewer, floating: [...fewer.floating, { call: late, landed: 0 }] };
      add(next, () => `asks again, and the first request may yet land: ${callText(call)}`, process);
    }
  };

  const addFailure = (state: State, pending: Pending, add: AddStep): void => {
    const { process, call, landed } = pending;
    const fewer = { ...state, faults: state.faults - 1 };
    if (call.kind === 'deliver') addFailedDelivery(fewer, { ...pending, call }, add);
    if (!isWrite(call)) return;
    for (const late of lateOf(state, call)) {
      const floating = [...fewer.floating, { call: late, landed }];
      const text = (): string => `is not answered, and the write may yet land: ${callText(call)}`;
      add(goOn({ ...fewer, floating }, pending, UNANSWERED), text, process);
    }
    addAskedAgain(state, fewer, pending, add);
  };

  const addSteps = (state: State, process: Process, add: AddStep): void => {
    for (const [id, call] of process.place.pending) {
      const pending = { process, id, call, landed: process.landed.get(id) ?? 0 };
      addLanding(state, pending, add);
      if (state.faults > 0) addFailure(state, pending, add);
    }
  };

  return { addSteps, checked };
};
