import { type Comet, type FleetComet, type FleetHeader, isRecent } from '../domain/fleet.ts';
import { VIEW_TTL_MS } from '../domain/limits.ts';
import type { View } from '../domain/route.ts';
import { ServiceError } from '../errors.ts';

/** All reads are consistent. */
export interface ViewStores {
  readHeader(): Promise<FleetHeader | undefined>;
  readComets(): Promise<readonly FleetComet[]>;
  /** Rooms that nobody has are absent. */
  readRooms(rooms: readonly string[]): Promise<Map<string, ReadonlySet<string>>>;
}

export interface ViewLoader {
  /** Throws `FLEET_UNKNOWN` while there is no header, and the stores' errors. `afresh` passes the cache over. */
  load(rooms: ReadonlySet<string>, options?: { afresh: boolean }): Promise<View>;
}

/** Read at one moment, and the rooms read since: a room never outlives the header that it is used with. */
interface Snapshot {
  readonly header: FleetHeader;
  readonly comets: ReadonlyMap<string, Comet>;
  /** Counts from before the request. */
  readonly readAt: number;
  readonly rooms: Map<string, ReadonlySet<string> | undefined>;
}

const liveComets = (comets: readonly FleetComet[]): Map<string, Comet> =>
  new Map(comets.filter(({ leftAt }) => leftAt === undefined).map((comet) => [comet.id, comet]));

const fleetUnknown = (): ServiceError =>
  new ServiceError(
    'FLEET_UNKNOWN',
    'The Fleet table has no header: has merge-rooms run, and is its registry right?',
    {
      retryable: true,
    },
  );

const viewOf = ({ header, comets, rooms }: Snapshot, wanted: ReadonlySet<string>, now: number): View => {
  const cometsByRoom = new Map<string, ReadonlySet<string>>();
  for (const room of wanted) {
    const servers = rooms.get(room);
    if (servers !== undefined) cometsByRoom.set(room, servers);
  }
  return {
    comets,
    fresh: isRecent(header.mergedAt, now) ? header.fresh : new Set(),
    cometsByRoom,
  };
};

/** Loads what routing needs to know, and keeps it for `VIEW_TTL_MS`. */
export const createViewLoader = (stores: ViewStores, now: () => number): ViewLoader => {
  let snapshot: Snapshot | undefined;

  const readSnapshot = async (): Promise<Snapshot> => {
    const readAt = now();
    const header = await stores.readHeader();
    if (header === undefined) throw fleetUnknown();
    const unchanged = snapshot?.header.version === header.version;
    const comets = unchanged && snapshot ? snapshot.comets : liveComets(await stores.readComets());
    return { header, comets, readAt, rooms: new Map() };
  };

  const readRooms = async ({ rooms }: Snapshot, wanted: ReadonlySet<string>): Promise<void> => {
    const missing = [...wanted].filter((room) => !rooms.has(room));
    if (missing.length === 0) return;
    const found = await stores.readRooms(missing);
    for (const room of missing) rooms.set(room, found.get(room));
  };

  return {
    load: async (wanted, { afresh } = { afresh: false }) => {
      const cached = snapshot !== undefined && Math.abs(now() - snapshot.readAt) <= VIEW_TTL_MS;
      const current = cached && !afresh && snapshot ? snapshot : await readSnapshot();
      snapshot = current;
      await readRooms(current, wanted);
      return viewOf(current, wanted, now());
    },
  };
};
