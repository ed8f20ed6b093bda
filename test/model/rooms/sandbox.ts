import { createViewLoader } from '../../../lib/dispatch/view.ts';
import type { FleetHeader } from '../../../lib/domain/fleet.ts';
import type { RoomItem } from '../../../lib/domain/room-servers.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { type Invocation, portsOf } from '../lease/programs.ts';
import { type BrokenRooms, checkRoute, type RoomsWorld } from './world.ts';

/** A batch with messages for these rooms; `afresh` as routing asks when it does not know a comet. */
export type Batch = (rooms: readonly string[], options: { afresh: boolean }) => Promise<void>;

/** How far a replica may be behind. */
const REPLICA_MS = 2_000;

const headerRead = (
  header: FleetHeader | undefined,
  now: number,
  broken: BrokenRooms | undefined,
): FleetHeader | undefined => {
  if (header?.changes === undefined) return header;
  if (broken === 'header-for-ever') return { ...header, mergedAt: now };
  return broken === 'unnamed-kept' ? { ...header, changes: { ...header.changes, since: 0 } } : header;
};

/** What one sandbox of `dispatch` keeps between batches: the real view, over tables whose calls the walk answers. */
export const createSandbox = (world: RoomsWorld, invocation: Invocation): Batch => {
  const { broken } = world;
  const { deps, store } = portsOf(world.calls, invocation);
  const { now } = deps.clock;
  let itemsBefore = new Map<string, RoomItem>();

  const readItem = (room: string): RoomItem | undefined => {
    if (broken === 'read-before-header') return itemsBefore.get(room);
    const former = world.formerly.get(room);
    const isBehind = former !== undefined && world.calls.now - former.until < REPLICA_MS;
    return broken === 'eventual-read' && isBehind ? former.item : world.items.get(room);
  };
  const view = createViewLoader(
    {
      readHeader: () => {
        itemsBefore = new Map(world.items);
        return store('read header', () => headerRead(world.header, now(), broken));
      },
      readComets: () => store('read comets', () => [...world.comets.values()]),
      readRooms: async (rooms) => {
        const found = await Promise.all(rooms.map((room) => store('read room', () => readItem(room))));
        return new Map(found.flatMap((item) => (item ? [[item.room, new Set(item.comets)]] : [])));
      },
    },
    now,
  );
  return async (rooms, options) => {
    try {
      const loaded = await view.load(new Set(rooms), options);
      for (const room of rooms) checkRoute(world, loaded, room);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
    }
  };
};
