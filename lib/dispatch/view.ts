import { type Comet, type FleetComet, type FleetHeader, isRecent } from '../domain/fleet.ts';
import { MAX_VIEW_BYTES, VIEW_TTL_MS } from '../domain/limits.ts';
import { changedRooms } from '../domain/room-changes.ts';
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

type Rooms = Map<string, ReadonlySet<string> | undefined>;

/** A header, and the rooms that were read after it, or after an earlier one and have not changed between the two. */
interface Snapshot {
  readonly header: FleetHeader;
  readonly comets: ReadonlyMap<string, Comet>;
  /** Counts from before the request. */
  readonly readAt: number;
  readonly rooms: Rooms;
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

/** Of a room in memory, about: an entry with its name and its set, and each comet's id. */
export const keptBytes = (nameLength: number, comets: number): number => 250 + 2 * nameLength + 80 * comets;

/** Those that have not changed since, in a map of their own: what is still being read for the earlier header is not of the later one. */
const roomsKept = (before: Snapshot | undefined, header: FleetHeader): Rooms => {
  const kept: Rooms = new Map();
  const changed = changedRooms(before?.header.changes, header.changes);
  if (before === undefined || changed === undefined) return kept;
  let bytes = 0;
  for (const [room, servers] of before.rooms) {
    if (changed.has(room)) continue;
    kept.set(room, servers);
    bytes += keptBytes(room.length, servers?.size ?? 0);
  }
  return bytes > MAX_VIEW_BYTES ? new Map() : kept;
};

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

/** Loads what routing needs to know. A header is kept for `VIEW_TTL_MS`, a room until a header says that it has changed. */
export const createViewLoader = (stores: ViewStores, now: () => number): ViewLoader => {
  let snapshot: Snapshot | undefined;

  const readSnapshot = async (): Promise<Snapshot> => {
    const readAt = now();
    const header = await stores.readHeader();
    if (header === undefined) throw fleetUnknown();
    const unchanged = snapshot?.header.version === header.version;
    const comets = unchanged && snapshot ? snapshot.comets : liveComets(await stores.readComets());
    return { header, comets, readAt, rooms: roomsKept(snapshot, header) };
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
