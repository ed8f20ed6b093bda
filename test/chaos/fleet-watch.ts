import { setTimeout as pause } from 'node:timers/promises';
import { scanTable } from './scan.ts';
import type { World } from './world.ts';

/** Between two looks at who is in the fleet. */
const LOOK_MS = 200;
/** A dispatch goes by an older fleet for so long. */
const CACHED_MS = 2_500;

/** Until mergeRooms has made the fleet and its lists known. */
export const fleetIsFresh = async (world: World): Promise<void> => {
  for (;;) {
    const items = await scanTable(world, 'FleetTable');
    if (items.some(({ fresh }) => fresh !== undefined)) return;
    await pause(100);
  }
};

/** Notes when the table has a comet as one that has left: from then on room messages and broadcasts do not go to it. */
export const watchFleet = (world: World): (() => void) => {
  const { ledger, log } = world;
  const comesBackById = new Map<string, (lagMs: number) => void>();
  let watching = true;
  const look = (comet: string, hasLeft: boolean): void => {
    const comesBack = comesBackById.get(comet);
    if (hasLeft === (comesBack !== undefined)) return;
    log(`comet ${comet} ${hasLeft ? 'has left' : 'is back in'} the fleet`);
    if (hasLeft) comesBackById.set(comet, ledger.absent(comet, LOOK_MS));
    else comesBackById.delete(comet);
    comesBack?.(CACHED_MS);
  };
  const keepLooking = async (): Promise<void> => {
    while (watching) {
      for (const { id, leftAt } of await scanTable(world, 'FleetTable'))
        look(String(id?.['S']), leftAt !== undefined);
      await pause(LOOK_MS);
    }
  };
  // It ends with the tables.
  keepLooking().catch(() => {});
  return () => {
    watching = false;
  };
};
