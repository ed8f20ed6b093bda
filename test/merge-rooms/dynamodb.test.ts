import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomItem } from '../../lib/domain/room-servers.ts';
import { createFleetTable } from '../../lib/store/fleet.ts';
import { createLeasesTable } from '../../lib/store/leases.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { tableNames } from '../../local/tables.ts';
import { openTestDynamoDb } from '../store/test-dynamodb.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import type { Session } from './memory-tables.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { comet, createWorld, fleetOf, START } from './world.ts';

type Tables = TestTables;
type Method = (...args: never[]) => Promise<unknown>;

/** Time waits for each call. */
const timed = <T extends object>(clock: VirtualClock, store: T): T =>
  new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as Method;
      return (...args: never[]) => clock.busy(method(...args));
    },
  });

const names = tableNames();

describe('merge-rooms on DynamoDB', () => {
  const started: { tables: Tables; close: () => void }[] = [];
  const open = async () => {
    const tables = await startTestTables();
    const client = openTestDynamoDb(tables.endpoint);
    started.push({ tables, close: () => client.destroy() });
    const fleet = createFleetTable(client, names['FleetTable'] ?? '');
    const rooms = createRoomsTable(client, names['RoomsTable'] ?? '');
    return { fleet, rooms, leases: createLeasesTable(client, names['LeasesTable'] ?? '') };
  };
  let stores: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    stores = await open();
  });
  afterAll(async () => {
    for (const { tables, close } of started) {
      close();
      await tables.close();
    }
  });

  const scanned = async (): Promise<RoomItem[]> => {
    const items: RoomItem[] = [];
    for await (const page of stores.rooms.scan()) items.push(...page);
    return items;
  };

  const inTime = (clock: VirtualClock): Omit<Session, 'die'> => ({
    fleet: timed(clock, stores.fleet),
    leases: timed(clock, stores.leases),
    rooms: {
      ...timed(clock, stores.rooms),
      readRooms: (rooms) => clock.busy(stores.rooms.readRooms(rooms)),
      writeRooms: (items, startWithinMs) => clock.busy(stores.rooms.writeRooms(items, startWithinMs)),
      scan: async function* () {
        yield await clock.busy(scanned());
      },
    },
  });

  it('comes to hold the fleet, its rooms, and every comet fresh', async () => {
    const world = createWorld(comet('a'), { ...comet('b'), zone: 'z' });
    world.roomsByAddress.set('http://a', new Set(['r1', 'r2']));
    world.roomsByAddress.set('http://b', new Set(['r2']));
    expect(await world.merge(4_000, { stores: inTime(world.clock) })).toBe('merged');
    expect(await stores.fleet.readHeader()).toEqual({
      version: 1,
      mergedAt: START + 3_000,
      fleetAt: START + 3_000,
      fresh: new Set(['a', 'b']),
      silent: new Set(),
      changes: { merge: 'one', pass: 4, since: 1, roomsByPass: new Map([[2, ['r2', 'r1']]]) },
    });
    expect((await stores.fleet.readComets()).map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(await stores.rooms.readRooms(['r1', 'r2', 'r3'])).toEqual(
      new Map([
        ['r1', new Set(['a'])],
        ['r2', new Set(['a', 'b'])],
      ]),
    );
    expect(await stores.leases.read('merge-rooms')).toBeUndefined();
  });

  it('goes on from the tables of the merge before, as comets move, leave and change rooms', async () => {
    const world = createWorld(comet('a'), comet('b'));
    world.roomsByAddress.set('http://a', new Set(['r1', 'r2']));
    world.roomsByAddress.set('http://b', new Set(['r2']));
    await world.merge(3_000, { stores: inTime(world.clock) });
    world.registry = fleetOf(comet('a', 'http://moved'));
    world.roomsByAddress.set('http://moved', new Set(['r2', 'r3']));
    await world.merge(40_000, { stores: inTime(world.clock), owner: 'two' });
    expect(await stores.rooms.readRooms(['r1', 'r2', 'r3'])).toEqual(
      new Map([
        ['r2', new Set(['a'])],
        ['r3', new Set(['a'])],
      ]),
    );
    const comets = await stores.fleet.readComets();
    expect(comets.find(({ id }) => id === 'a')?.addresses).toEqual(['http://moved']);
    expect(comets.find(({ id }) => id === 'b')?.leftAt).toBe(START + 13_000);
    expect((await stores.fleet.readHeader())?.fresh).toEqual(new Set(['a']));
  });

  it('leaves another owner alone', async () => {
    const world = createWorld(comet('a'));
    const lease = {
      name: 'merge-rooms',
      owner: 'other',
      fingerprint: '',
      until: START + 30_000,
      endsAt: START + 600_000,
    };
    await stores.leases.acquire(lease, 0);
    expect(await world.merge(60_000, { stores: inTime(world.clock) })).toBe('held');
    expect(await stores.leases.read('merge-rooms')).toEqual(lease);
    expect(await stores.fleet.readHeader()).toBeUndefined();
  });
});
