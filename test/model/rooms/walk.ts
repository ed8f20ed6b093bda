import { setImmediate as settled } from 'node:timers/promises';
import { ServiceError } from '../../../lib/errors.ts';
import { createRandom, type Random } from '../../random.ts';
import { answer, die, drop, landLate, lose, nextCall } from '../lease/events.ts';
import { createWorld } from '../lease/world.ts';
import { runMerge } from './merge.ts';
import { type Batch, createSandbox } from './sandbox.ts';
import { type BrokenRooms, COMETS, memberOf, ROOMS, type RoomsWorld, shortOf } from './world.ts';

const START = 1_700_000_000_000;
const STEPS = 700;
const SKEW_MS = 400;
const SANDBOXES = 2;
/** Batches of one sandbox at once: one that failed may leave reads behind. */
const MAX_BATCHES = 2;

interface RoomsWalk {
  readonly steps: readonly string[];
  readonly violation: string | undefined;
}

/** What a sandbox has been answered, while it stands still. */
interface HeldAnswer {
  readonly name: string;
  give(): void;
}

interface Walk {
  readonly world: RoomsWorld;
  readonly random: Random;
  readonly sandboxes: readonly { readonly batch: Batch; running: number }[];
  readonly merging: Set<string>;
  held: HeldAnswer[];
  started: number;
}

const createWalk = (seed: number, broken: BrokenRooms | undefined): Walk => {
  const random = createRandom(seed);
  const world: RoomsWorld = {
    calls: createWorld(START),
    broken,
    named: COMETS,
    comets: new Map(),
    items: new Map(),
    formerly: new Map(),
    leftAt: new Map(),
    header: undefined,
    listsByFresh: new WeakMap(),
    joinedAt: new Map(),
  };
  const sandboxes = Array.from({ length: SANDBOXES }, (_, n) => {
    const skewMs = random.int(-SKEW_MS, SKEW_MS);
    return { batch: createSandbox(world, { process: `dispatch-${n}`, fingerprint: '', skewMs }), running: 0 };
  });
  return { world, random, sandboxes, merging: new Set(), held: [], started: 0 };
};

const startMerge = (walk: Walk): void => {
  const { world, random, merging } = walk;
  walk.started += 1;
  const process = `merge-${walk.started}`;
  const invocation = {
    process,
    fingerprint: random.pick(['x', 'y']),
    skewMs: random.int(-SKEW_MS, SKEW_MS),
  };
  world.calls.steps.push(`${process} starts`);
  merging.add(process);
  runMerge(world, invocation, random.int(3_000, 40_000))
    .catch((error: unknown) => {
      if (!(error instanceof ServiceError)) world.calls.violation ??= String(error);
    })
    .finally(() => merging.delete(process));
};

const startBatch = ({ world, random, sandboxes }: Walk): void => {
  const index = random.int(0, sandboxes.length - 1);
  const sandbox = sandboxes[index];
  if (sandbox === undefined || sandbox.running >= MAX_BATCHES) return;
  const rooms = random.shuffle(ROOMS).slice(0, random.int(1, 3));
  world.calls.steps.push(`dispatch-${index}: a batch for ${rooms.map(shortOf)}`);
  sandbox.running += 1;
  sandbox
    .batch(rooms, { afresh: random.chance(0.1) })
    .catch((error: unknown) => {
      world.calls.violation ??= String(error);
    })
    .finally(() => {
      sandbox.running -= 1;
    });
};

/** Somebody joins a room on a comet, or the last one leaves it. */
const joinOrLeave = ({ world: { joinedAt, calls }, random }: Walk): void => {
  const comet = random.pick(COMETS).id;
  const room = random.pick(ROOMS);
  const member = memberOf(comet, room);
  const leaves = joinedAt.delete(member);
  if (!leaves) joinedAt.set(member, calls.now);
  calls.steps.push(`${comet} ${leaves ? 'has nobody of' : 'gets'} ${shortOf(room)}`);
};

const comeOrGo = ({ world, random }: Walk): void => {
  world.named = world.named.length === COMETS.length ? COMETS.slice(random.int(0, 1), 2) : COMETS;
  world.calls.steps.push(`the registry names ${world.named.map(({ id }) => id)}`);
};

/** A call to a table is done, and its caller stands still before it sees the answer. */
const hold = (walk: Walk): void => {
  const { world, random } = walk;
  const reads = world.calls.pending.filter(({ process }) => process.startsWith('dispatch'));
  if (reads.length === 0) return;
  const call = random.pick(reads);
  drop(world.calls, call);
  const value = call.land();
  const name = `${call.process}: ${call.name}`;
  world.calls.steps.push(`${name}, and it stands still`);
  walk.held.push({ name, give: () => call.resolve(value) });
};

const giveHeld = (walk: Walk): void => {
  if (walk.held.length === 0) return;
  const answer = walk.random.pick(walk.held);
  walk.held = walk.held.filter((other) => other !== answer);
  walk.world.calls.steps.push(`${answer.name} is seen`);
  answer.give();
};

const storeStep = ({ world: { calls }, random, merging }: Walk): void => {
  const kind = random.int(1, 6);
  const waiting = calls.pending.filter(({ name }) => name !== 'sleep');
  if (kind <= 3 && waiting.length > 0) lose(calls, random.pick(waiting));
  else if (kind <= 5 && calls.floating.length > 0) landLate(calls, random.pick(calls.floating));
  else if (merging.size > 0 && random.chance(0.3)) {
    const process = random.pick([...merging]);
    die(calls, process);
    merging.delete(process);
  }
};

const passTime = ({ world: { calls }, random }: Walk): void => {
  calls.advance(calls.now + random.int(1, random.chance(0.03) ? 15_000 : 400));
};

/** By how many of a hundred steps are of the kind; the others answer a call. */
const EVENTS: readonly (readonly [number, (walk: Walk) => void])[] = [
  [14, startBatch],
  [6, joinOrLeave],
  [5, passTime],
  [4, hold],
  [4, giveHeld],
  [3, storeStep],
  [1, startMerge],
  [0.3, comeOrGo],
];

const step = async (walk: Walk): Promise<void> => {
  const { world, random } = walk;
  let left = random.next() * 100;
  const event = EVENTS.find(([share]) => {
    left -= share;
    return left < 0;
  });
  if (event !== undefined) event[1](walk);
  else {
    if (walk.merging.size === 0) startMerge(walk);
    await settled();
    const call = nextCall(world.calls, random);
    if (call !== undefined) answer(world.calls, call);
  }
  await settled();
};

/** The real merge, header and views, in one order of many. */
export const walkRooms = async (seed: number, broken?: BrokenRooms): Promise<RoomsWalk> => {
  const walk = createWalk(seed, broken);
  const { calls } = walk.world;
  for (let steps = 0; steps < STEPS && calls.violation === undefined; steps++) await step(walk);
  return { steps: calls.steps, violation: calls.violation };
};
