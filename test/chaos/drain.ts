import { setTimeout as pause } from 'node:timers/promises';
import { scanTable } from './scan.ts';
import type { World } from './world.ts';

const healAll = async (world: World): Promise<void> => {
  const { tables, invokes, source, registry, comets, unmark } = world;
  unmark.lateMs = () => 0;
  unmark.replays = () => false;
  tables.faults.liftAll();
  invokes.liftAll();
  source.liftAll();
  registry.recover();
  for (const comet of comets) {
    registry.show(comet.id);
    comet.setFault();
    await comet.start();
  }
};

/** All faults end; answers how long it took until nothing waits any more, or undefined if that did not come about. */
export const drain = async (
  world: World,
  limitMs: number,
  isOver: () => boolean,
): Promise<number | undefined> => {
  await healAll(world);
  const startedAt = performance.now();
  while (performance.now() - startedAt < limitMs && !isOver()) {
    const marks = await scanTable(world, 'BehindTable');
    if (world.ledger.uncommitted() === 0 && marks.length === 0) return performance.now() - startedAt;
    await pause(250);
  }
  return undefined;
};
