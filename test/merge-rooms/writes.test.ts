import { expect, it } from 'vitest';
import { ROOM_WRITES_MS } from '../../lib/domain/limits.ts';
import { openSession } from './memory-tables.ts';
import { comet, createWorld, START, type World } from './world.ts';

const set = (...rooms: string[]): Set<string> => new Set(rooms);

/** The room writes that the stores are asked for: how many items each, and within how many ms they may start. */
const recorded = (world: World) => {
  const asked: { items: number; withinMs: number }[] = [];
  const session = openSession(world.tables, world.clock);
  const writeRooms: typeof session.rooms.writeRooms = (items, withinMs) => {
    asked.push({ items: items.length, withinMs });
    return session.rooms.writeRooms(items, withinMs);
  };
  return { asked, stores: { ...session, rooms: { ...session.rooms, writeRooms } } };
};

it('a pass starts no room write after 2 s, and asks for none where there is none', async () => {
  const world = createWorld(comet('a'));
  world.roomsByAddress.set('http://a', set('r1', 'r2'));
  const { asked, stores } = recorded(world);
  await world.merge(5_000, { stores });
  expect(asked).toEqual([{ items: 2, withinMs: ROOM_WRITES_MS }]);
});

it('a pass under a lease that runs out asks for no write that would be too late', async () => {
  const world = createWorld(comet('a'));
  const grow = (n: number): void => {
    world.roomsByAddress.set('http://a', new Set(Array.from({ length: n }, (_, i) => `r${i}`)));
    world.after(n * 1_000 + 500, () => grow(n + 1));
  };
  grow(1);
  world.tables.fate = (kind) => (kind === 'renew' && world.clock.now() > START + 4_500 ? 'refused' : 'done');
  const { asked, stores } = recorded(world);
  await world.merge(30_000, { stores });
  const least = asked.map(({ withinMs }) => withinMs).toSorted((x, y) => x - y);
  expect([asked.length, least[0], least[1]]).toEqual([23, 1_000, ROOM_WRITES_MS]);
});

it('the summary counts the rooms that were added and those that were taken away', async () => {
  const world = createWorld(comet('a'));
  world.roomsByAddress.set('http://a', set('r1', 'r2', 'r3'));
  world.after(4_500, () => world.roomsByAddress.set('http://a', set('r1')));
  await world.merge(40_000);
  expect(world.lines.at(-1)).toEqual({
    level: 'info',
    message: 'merge ended',
    fields: { passes: 40, roomWrites: 5, comets: 1, rooms: 1 },
  });
});

it('a room that was in doubt keeps whom the table names: one that does not list it any more leaves it in its time', async () => {
  const world = createWorld(comet('a'), comet('b'), comet('c'));
  for (const id of ['a', 'b']) world.roomsByAddress.set(`http://${id}`, set('r1'));
  world.after(4_500, () => world.roomsByAddress.set('http://b', set()));
  world.after(6_500, () => world.roomsByAddress.set('http://c', set('r1')));
  world.tables.fate = (_kind, key) => {
    const ms = world.clock.now() - START;
    return key === 'r1' && ms > 6_500 && ms < 7_500 ? 'given-up-lost' : 'done';
  };
  await world.merge(25_000);
  expect(world.rooms()).toEqual({ r1: ['a', 'b', 'c'] });
});
