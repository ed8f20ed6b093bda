import type { Clock } from '../clock.ts';
import type { Comet } from '../domain/fleet.ts';
import type { FleetChange } from '../domain/fleet-changes.ts';
import { ROOM_WRITES_MS } from '../domain/limits.ts';
import { createNameChanges, type NameChanges } from '../domain/room-changes.ts';
import { type RoomItem, RoomServers } from '../domain/room-servers.ts';
import { ServiceError } from '../errors.ts';
import type { HeldLease } from '../lease.ts';
import type { Log } from '../log.ts';
import type { Answers, Asker } from './ask.ts';
import { type FleetStore, type MergeFleet, openMergeFleet, type Written } from './fleet.ts';
import type { MergeReport } from './report.ts';

/** Reads are consistent. Rejects with the store's `ServiceError`s. */
export interface RoomStore {
  scan(): AsyncIterable<readonly RoomItem[]>;
  readRooms(rooms: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  writeRooms(items: readonly RoomItem[], startWithinMs: number): Promise<Written>;
}

export interface PassDeps {
  readonly fleet: FleetStore;
  readonly rooms: RoomStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface MergeCounts {
  passes: number;
  roomWrites: number;
  comets: number;
  rooms: number;
}

export interface MergePass {
  /** Throws `LEASE_LOST`; what the stores fail to do waits for the next pass. */
  run(): Promise<void>;
  live(): readonly Comet[];
  counts(): MergeCounts;
}

/** What a merge works on between its steps. */
interface Merge extends PassDeps {
  readonly lease: HeldLease;
  readonly asker: Asker;
  readonly report: MergeReport;
  readonly memory: {
    readonly fleet: MergeFleet;
    readonly rooms: RoomServers;
    readonly nameChanges: NameChanges;
  };
}

const follow = ({ memory: { rooms } }: Merge, changes: readonly FleetChange[], at: number): void => {
  for (const { id, comet } of changes) {
    if (comet === undefined || comet.leftAt !== undefined) rooms.leave(id, at);
    else rooms.join(id);
  }
};

const reportWrites = ({ report, lease }: Merge, what: string, { statuses, failure }: Written): void => {
  if (statuses.includes('unknown')) lease.gaveUpWrite();
  report.state(what, failure && 'not all writes were done', { code: failure?.code });
};

/** Runs a step that the store may fail; undefined if it did. */
const tried = async <T>({ report }: Merge, step: string, work: () => Promise<T>): Promise<T | undefined> => {
  try {
    const result = await work();
    report.state(step, undefined);
    return result;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    report.state(step, 'a step of the merge failed', { code: error.code });
    return undefined;
  }
};

const mergeFleet = async (merge: Merge, { registry }: Answers, at: number): Promise<void> => {
  const { fleet } = merge.memory;
  const found = await tried(merge, 'read of the fleet', () => fleet.settle());
  follow(merge, found ?? [], at);
  if (fleet.isDoubtful() || registry === undefined) return;
  const { changes, written } = await fleet.update(registry, at, merge.lease.timeToWriteMs());
  reportWrites(merge, 'fleet changes', written);
  follow(merge, changes, at);
};

const takeLists = ({ memory: { rooms }, report }: Merge, { lists }: Answers, askedAt: number): void => {
  for (const [id, list] of lists) {
    rooms.answered(id, list, askedAt);
    const unusable = rooms.unusable(id) > 0;
    report.state(
      `room ids of ${id}`,
      unusable ? 'a comet has room ids that the table cannot hold' : undefined,
      {
        comet: id,
        ids: rooms.unusable(id),
      },
    );
  }
};

const settleRooms = async (merge: Merge): Promise<void> => {
  const { memory, rooms, clock } = merge;
  const doubtful = memory.rooms.doubtsToRead(clock.now());
  if (doubtful.length === 0) return;
  const found = await tried(merge, 'read of rooms', () => rooms.readRooms(doubtful));
  if (found === undefined) return;
  // When they expire was not read, so they are refreshed when their turn comes.
  for (const room of doubtful)
    memory.rooms.found({ room, comets: [...(found.get(room) ?? [])], expiresAt: 0 }, clock.now());
};

const writeItems = async (
  merge: Merge,
  what: string,
  items: readonly RoomItem[],
  endsAt: number,
): Promise<number> => {
  const { memory, rooms, lease, clock } = merge;
  const startWithinMs = Math.min(endsAt - clock.now(), lease.timeToWriteMs());
  if (items.length === 0 || startWithinMs <= 0) return 0;
  const written = await rooms.writeRooms(items, startWithinMs);
  reportWrites(merge, what, written);
  for (const [i, item] of items.entries()) {
    if (written.statuses[i] === 'written') memory.rooms.written(item, clock.now());
    if (written.statuses[i] === 'unknown') memory.rooms.doubted(item.room, clock.now());
  }
  return items.length;
};

const mergeRooms = async (merge: Merge, passAt: number): Promise<number> => {
  await settleRooms(merge);
  const { additions, others } = merge.memory.rooms.due(passAt);
  const endsAt = merge.clock.now() + ROOM_WRITES_MS;
  const added = await writeItems(merge, 'room additions', additions, endsAt);
  return added + (await writeItems(merge, 'other room writes', others, endsAt));
};

const writeHeader = async (merge: Merge, { silent }: Answers, mergedAt: number): Promise<void> => {
  const { memory, fleet, lease, log, clock, report } = merge;
  if (memory.fleet.isDoubtful() || lease.timeToWriteMs() <= 0) return;
  const fresh = memory.rooms.fresh(mergedAt);
  const changes = memory.nameChanges(memory.rooms.takeChanged());
  const header = memory.fleet.header({ mergedAt, fresh, silent, changes });
  const written = await tried(merge, 'write of the header', () => fleet.writeHeader(header));
  if (written === undefined) lease.gaveUpWrite();
  if (written) log.metric('MergeAgeMs', clock.now() - mergedAt);
  report.state('header', written === false ? 'the header in the table is newer' : undefined);
};

const loadRooms = async ({ rooms, clock }: PassDeps, lease: HeldLease): Promise<RoomServers> => {
  const loaded = new RoomServers();
  for await (const items of rooms.scan()) {
    for (const item of items) loaded.found(item, clock.now());
    await lease.renew();
  }
  return loaded;
};

/** Reads both tables, and begins with no comet fresh. */
export const openMergePass = async (
  deps: PassDeps,
  { lease, asker, report }: { lease: HeldLease; asker: Asker; report: MergeReport },
): Promise<MergePass> => {
  const fleet = await openMergeFleet(deps.fleet, deps.clock.now);
  const rooms = await loadRooms(deps, lease);
  for (const { id } of fleet.live()) rooms.join(id);
  const memory = { fleet, rooms, nameChanges: createNameChanges(lease.owner) };
  const merge: Merge = { ...deps, lease, asker, report, memory };
  const counts = { passes: 0, roomWrites: 0 };
  return {
    run: async () => {
      await lease.renew();
      const mergedAt = deps.clock.now();
      const answers = await asker.ask(fleet.live());
      takeLists(merge, answers, mergedAt);
      await mergeFleet(merge, answers, mergedAt);
      counts.roomWrites += await mergeRooms(merge, mergedAt);
      await writeHeader(merge, answers, mergedAt);
      counts.passes += 1;
    },
    live: fleet.live,
    counts: () => ({ ...counts, comets: fleet.live().length, rooms: rooms.size }),
  };
};
