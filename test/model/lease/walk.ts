import { setImmediate as settled } from 'node:timers/promises';
import { ServiceError } from '../../../lib/errors.ts';
import { createRandom, type Random } from '../../random.ts';
import { answer, die, landLate, lose, nextCall } from './events.ts';
import { runMerge, runRedeliver } from './programs.ts';
import { type Broken, createWorld, type World } from './world.ts';

const START = 1_700_000_000_000;
/** Of a walk in which a deploy rolls out, and a rollback; after them the configuration rests. */
const STEPS = 120;
/** More of them is a hand-over that does not end. */
const REST_STEPS = 3_000;
const SKEW_MS = 400;
const SWEEP_EVERY_MS = 60_000;

interface LeaseWalk {
  readonly steps: readonly string[];
  readonly violation: string | undefined;
}

interface Walk {
  readonly world: World;
  readonly random: Random;
  readonly broken: Broken | undefined;
  /** What invocations run that start now. */
  configuration: string;
  started: number;
  running: Set<string>;
}

const start = (walk: Walk, kind: 'merge' | 'redeliver'): void => {
  const { world, random, broken } = walk;
  walk.started += 1;
  const process = `${kind}-${walk.started}`;
  const skewMs = random.int(-SKEW_MS, SKEW_MS);
  world.steps.push(`${process} starts with configuration ${walk.configuration}`);
  walk.running.add(process);
  const invocation = { process, fingerprint: walk.configuration, skewMs };
  const run =
    kind === 'merge'
      ? runMerge(world, invocation, broken)
      : runRedeliver(world, invocation, () => start(walk, 'redeliver'), broken);
  run
    .catch((error: unknown) => {
      if (!(error instanceof ServiceError)) world.violation ??= String(error);
    })
    .finally(() => walk.running.delete(process));
};

const dies = ({ world, running }: Walk, process: string): void => {
  die(world, process);
  running.delete(process);
};

const deploy = (walk: Walk): void => {
  walk.configuration = walk.random.pick(['old', 'new']);
  walk.world.steps.push(`new invocations have configuration ${walk.configuration}`);
};

const faultStep = (walk: Walk): boolean => {
  const { world, random, running } = walk;
  const kind = random.int(1, 100);
  const calls = world.pending.filter(({ name }) => name !== 'sleep');
  if (kind <= 8) start(walk, random.pick(['merge', 'redeliver']));
  else if (kind <= 12) deploy(walk);
  else if (kind <= 14 && running.size > 0) dies(walk, random.pick([...running]));
  else if (kind <= 20 && calls.length > 0) lose(world, random.pick(calls));
  else if (kind <= 23 && world.floating.length > 0) landLate(world, random.pick(world.floating));
  else return false;
  return true;
};

const step = async (walk: Walk, mayFail: boolean): Promise<void> => {
  if (!(mayFail && faultStep(walk))) {
    const call = nextCall(walk.world, walk.random);
    if (call !== undefined) answer(walk.world, call);
  }
  await settled();
};

const isAtRest = ({ lease, isParked }: World): boolean => {
  const owner = lease.read('merge-rooms');
  return !isParked && owner?.fingerprint === 'new' && owner.ask === undefined;
};

/** What the schedules start, each minute. */
const startScheduled = (walk: Walk): void => {
  const { world } = walk;
  if (world.pending.length === 0) world.advance(world.now + SWEEP_EVERY_MS);
  start(walk, 'merge');
  if (world.isParked) start(walk, 'redeliver');
};

/** No more faults, and one configuration: sweeps and schedules go on until nothing is parked and the last that started has merged. */
const rest = async (walk: Walk): Promise<void> => {
  const { world } = walk;
  walk.configuration = 'new';
  world.steps.push('the configuration rests');
  const before = world.giveUps;
  let sweptAt = Number.NEGATIVE_INFINITY;
  for (let steps = 0; !isAtRest(world) && world.violation === undefined; steps++) {
    if (steps > REST_STEPS)
      world.violation = `it does not come to rest: ${world.giveUps - before} hand-overs`;
    if (world.now - sweptAt > SWEEP_EVERY_MS || world.pending.length === 0) {
      sweptAt = world.now;
      startScheduled(walk);
    }
    await step(walk, false);
  }
};

/** Old and new invocations of the real `mergeRooms` and `redeliver`, in one order of many. */
export const walkLease = async (seed: number, broken?: Broken): Promise<LeaseWalk> => {
  const world = createWorld(START, broken);
  const random = createRandom(seed);
  const walk: Walk = { world, random, broken, configuration: 'old', started: 0, running: new Set() };
  start(walk, 'merge');
  start(walk, 'redeliver');
  for (let steps = 0; steps < STEPS && world.violation === undefined; steps++) await step(walk, true);
  await rest(walk);
  return { steps: world.steps, violation: world.violation };
};
