import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../local/comet/faults.ts';
import type { Strike } from './strike.ts';
import type { Break } from './tables/breaks.ts';
import type { World } from './world.ts';

/** `none`: the same faults, and nothing taken out. */
export type Broken = Break | 'none';

/** Of all deletes of marks: the share of those that take their time, and of those at which an old op is parked. */
export const UNMARKS: Readonly<Record<Broken, { readonly late: number; readonly replays: number }>> = {
  'consistent-read': { late: 0.5, replays: 0 },
  'put-before-raise': { late: 0.5, replays: 0 },
  'conditional-delete': { late: 1, replays: 0 },
  // What is parked meanwhile must be older than the mark.
  token: { late: 0, replays: 0.5 },
  none: { late: 0.5, replays: 0.5 },
};

/** Enough for each queue to be redelivered. */
const REPLAYED_MS = 2_000;

/** Comets that fall behind and are back at once, over and over: what a missing protection shows itself in. */
const blink = (kind: string, fault: Fault): Strike => ({
  kind,
  cometMs: 250,
  run: async (_, random, struck, comet) => {
    comet.setFault(fault);
    struck();
    await pause(random.int(20, 200));
    comet.setFault();
  },
});

export const BLINKS: readonly Strike[] = [
  blink('comet: resets', { kind: 'reset', times: 2 }),
  blink('comet: answers 500', { kind: 'status', status: 500, times: 2 }),
];

/** Each queue falls behind once more, and while its mark is deleted perhaps again: nothing newer is parked any more that would take it along. */
export const replayEverywhere = async ({ comets, topic, replays }: World): Promise<void> => {
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
  const queues = comets.flatMap(({ id }) => partitions.map((partition) => ({ comet: id, partition })));
  await Promise.all(queues.map(replays.park));
  await pause(REPLAYED_MS);
};
