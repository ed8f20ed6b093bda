import { setTimeout as pause } from 'node:timers/promises';
import { scanTable } from './scan.ts';
import type { World } from './world.ts';

/** Between two looks at who is in the fleet. */
const LOOK_MS = 200;
/** A dispatch goes by an older fleet for so long. */
const CACHED_MS = 2_500;
/** Headers that must follow: one may have been under way when the comet was written, and while a write is in doubt there is none. */
const HEADERS_AFTER = 2;

/** Until mergeRooms has made the fleet and its lists known. */
export const fleetIsFresh = async (world: World): Promise<void> => {
  for (;;) {
    const items = await scanTable(world, 'FleetTable');
    if (items.some(({ fresh }) => fresh !== undefined)) return;
    await pause(100);
  }
};

type Items = Awaited<ReturnType<typeof scanTable>>;

/** Counts the headers that were seen. */
const createHeaderCount = () => {
  let last = '';
  let count = 0;
  return (items: Items): number => {
    const { version, mergedAt } = items.find((item) => item['mergedAt'] !== undefined) ?? {};
    const header = `${version?.['N']} ${mergedAt?.['N']}`;
    if (header !== last) count += 1;
    last = header;
    return count;
  };
};

/**
 * Notes when the table has a comet as one that has left: from then on room messages and broadcasts do not go to it. It is back with a
 * header that is written after it: that is what a dispatch goes by.
 */
export const watchFleet = (world: World): (() => void) => {
  const { ledger, log } = world;
  const awayById = new Map<string, { comesBack: (lagMs: number) => void; backWith: number }>();
  const countHeaders = createHeaderCount();
  let watching = true;
  const leaves = (comet: string): void => {
    log(`comet ${comet} has left the fleet`);
    awayById.set(comet, { comesBack: ledger.absent(comet, LOOK_MS), backWith: Number.POSITIVE_INFINITY });
  };
  const look = (comet: string, hasLeft: boolean, headers: number): void => {
    const away = awayById.get(comet);
    if (away === undefined) {
      if (hasLeft) leaves(comet);
      return;
    }
    away.backWith = hasLeft ? Number.POSITIVE_INFINITY : Math.min(away.backWith, headers + HEADERS_AFTER);
    if (headers < away.backWith) return;
    log(`comet ${comet} is back in the fleet`);
    awayById.delete(comet);
    away.comesBack(CACHED_MS);
  };
  const keepLooking = async (): Promise<void> => {
    while (watching) {
      const items = await scanTable(world, 'FleetTable');
      const headers = countHeaders(items);
      for (const { id, leftAt } of items) look(String(id?.['S']), leftAt !== undefined, headers);
      await pause(LOOK_MS);
    }
  };
  // It ends with the tables.
  keepLooking().catch(() => {});
  return () => {
    watching = false;
  };
};
