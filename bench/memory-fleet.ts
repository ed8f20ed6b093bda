import type { ViewStores } from '../lib/dispatch/view.ts';
import type { Comet } from '../lib/domain/fleet.ts';

/** What a merge that has just ended leaves of these comets, all of them fresh. */
export const memoryFleet = (
  comets: readonly Comet[],
  serversByRoom: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): ViewStores => {
  const fresh = new Set(comets.map(({ id }) => id));
  return {
    readHeader: async () => ({
      version: 1,
      mergedAt: Date.now(),
      fleetAt: Date.now(),
      fresh,
      silent: new Set<string>(),
    }),
    readComets: async () => comets,
    readRooms: async (rooms) =>
      new Map(
        rooms.flatMap((room) => (serversByRoom.has(room) ? [[room, serversByRoom.get(room) ?? fresh]] : [])),
      ),
  };
};
