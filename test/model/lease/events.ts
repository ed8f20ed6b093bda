import type { Random } from '../../random.ts';
import type { Call, World } from './world.ts';

export const drop = (world: World, call: Call): void => {
  world.pending = world.pending.filter((other) => other !== call);
};

export const answer = (world: World, call: Call): void => {
  if (call.dueAt > world.now) world.advance(call.dueAt);
  if (!world.pending.includes(call)) return;
  drop(world, call);
  world.steps.push(`${call.process}: ${call.name}`);
  call.resolve(call.land());
};

export const lose = (world: World, call: Call): void => {
  drop(world, call);
  world.floating.push(call);
  world.steps.push(`${call.process}: the answer to ${call.name} is lost, and it may land late`);
  call.lose();
};

export const landLate = (world: World, call: Call): void => {
  world.floating = world.floating.filter((other) => other !== call);
  world.steps.push(`${call.process}: ${call.name} lands late`);
  call.land();
};

/** It takes no more steps, and what it has sent may yet land. */
export const die = (world: World, process: string): void => {
  const own = world.pending.filter((call) => call.process === process && call.name !== 'sleep');
  world.pending = world.pending.filter((call) => call.process !== process);
  world.floating.push(...own);
  world.steps.push(`${process} dies`);
};

/** One of what is due first, or of all: a process may stand still for any time. */
export const nextCall = ({ now, pending }: World, random: Random): Call | undefined => {
  if (pending.length === 0) return undefined;
  if (random.chance(0.1)) return random.pick(pending);
  const dueAt = Math.min(...pending.map((call) => Math.max(call.dueAt, now)));
  return random.pick(pending.filter((call) => Math.max(call.dueAt, now) === dueAt));
};
