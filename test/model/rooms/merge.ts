import type { FleetHeader } from '../../../lib/domain/fleet.ts';
import type { FleetChange } from '../../../lib/domain/fleet-changes.ts';
import { MERGE_END_MS } from '../../../lib/domain/limits.ts';
import type { RoomItem } from '../../../lib/domain/room-servers.ts';
import type { WriteStatus } from '../../../lib/domain/write-status.ts';
import type { LeaseStore } from '../../../lib/lease.ts';
import type { Written } from '../../../lib/merge-rooms/fleet.ts';
import { createMergeRooms } from '../../../lib/merge-rooms/merge-rooms.ts';
import { type Invocation, portsOf } from '../lease/programs.ts';
import { type BrokenRooms, type Lists, putHeader, putRoom, type RoomsWorld, roomsOn } from './world.ts';

type Names = ReadonlyMap<number, readonly string[]>;

/** `doubted`: those that were read because a write of them had no answer. */
const namesOf = (names: Names, pass: number, doubted: ReadonlySet<string>, broken?: BrokenRooms): Names => {
  const all = [...names];
  if (broken === 'changes-unnamed') return new Map();
  if (broken === 'only-last-pass-named') return new Map(all.filter(([named]) => named === pass));
  if (broken !== 'doubt-unnamed') return names;
  return new Map(all.map(([at, rooms]) => [at, rooms.filter((room) => !doubted.has(room))]));
};

const headerSaid = (
  header: FleetHeader,
  doubted: ReadonlySet<string>,
  broken: BrokenRooms | undefined,
): FleetHeader => {
  const { changes } = header;
  if (changes === undefined) return header;
  const merge = broken === 'hand-over-kept' ? '' : changes.merge;
  const roomsByPass = namesOf(changes.roomsByPass, changes.pass, doubted, broken);
  return { ...header, changes: { ...changes, merge, roomsByPass } };
};

const written = async (writes: readonly Promise<unknown>[], isEarly: boolean): Promise<Written> => {
  const statuses = writes.map((write) =>
    write.then(
      (): WriteStatus => 'written',
      (): WriteStatus => 'unknown',
    ),
  );
  if (isEarly) return { statuses: writes.map(() => 'written'), failure: undefined };
  return { statuses: await Promise.all(statuses), failure: undefined };
};

/** To whoever asks, without a look at who has it. */
const grantedToAll = (leases: LeaseStore): LeaseStore => ({
  ...leases,
  read: async () => undefined,
  acquire: async () => true,
  renew: async () => ({ woken: [], isAsked: false }),
  release: async () => true,
});

/** The real `mergeRooms` for `ms`, over tables and comets whose calls the walk answers. */
export const runMerge = (world: RoomsWorld, invocation: Invocation, ms: number): Promise<unknown> => {
  const { broken } = world;
  const { deps, store } = portsOf(
    world.calls,
    invocation,
    broken === 'unseen-write' ? 'unseen-write' : undefined,
  );
  const lists = new Map<string, ReadonlySet<string>>();
  const doubted = new Set<string>();

  const putComet = ({ id, comet }: FleetChange): void => {
    if (comet === undefined) world.comets.delete(id);
    else world.comets.set(id, comet);
    if (comet?.leftAt !== undefined) world.leftAt.set(id, world.calls.now);
  };
  const roomsOf = async (comet: string, signal: AbortSignal): Promise<ReadonlySet<string>> => {
    const list = await store(`rooms of ${comet}`, () => roomsOn(world, comet));
    if (!signal.aborted) lists.set(comet, list);
    return list;
  };
  const writeHeader = (header: FleetHeader): Promise<boolean> => {
    const said = headerSaid(header, doubted, broken);
    world.listsByFresh.set(said.fresh, new Map(lists) satisfies Lists);
    return store('write', () => putHeader(world, said));
  };
  const readRooms = async (rooms: readonly string[]) => {
    for (const room of rooms) doubted.add(room);
    const found = await store('read rooms', () => rooms.flatMap((room) => world.items.get(room) ?? []));
    return new Map(found.map(({ room, comets }) => [room, new Set(comets)]));
  };

  return createMergeRooms({
    ...deps,
    leases: broken === 'two-merges' ? grantedToAll(deps.leases) : deps.leases,
    fleet: {
      readHeader: () => store('read header', () => world.header),
      readComets: () => store('read comets', () => [...world.comets.values()]),
      writeComets: (changes) =>
        written(
          changes.map((change) => store('write', () => putComet(change))),
          false,
        ),
      writeHeader,
    },
    rooms: {
      scan: async function* () {
        yield await store('scan', (): RoomItem[] => [...world.items.values()]);
      },
      readRooms,
      writeRooms: (items) =>
        written(
          items.map((item) => store('write', () => putRoom(world, item))),
          broken === 'header-before-rooms',
        ),
    },
    registry: {
      query: {},
      comets: () => store('registry', () => ({ comets: world.named, refused: [] })),
    },
    sweep: async () => 0,
    openComet: ({ id }) => ({
      rooms: (signal) => roomsOf(id, signal),
      deliver: () => Promise.reject(new TypeError('not asked for')),
      close: () => {},
    }),
  })({ endsAt: deps.clock.now() + ms + MERGE_END_MS });
};
