import { describe, expect, it } from 'vitest';
import {
  MAX_ROOM_WRITES,
  ROOM_EXPIRY_VISITS,
  ROOM_GRACE_S,
  ROOM_KEPT_S,
  WRITE_LIFE_MS,
} from '../../lib/domain/limits.ts';
import { type DueRooms, type RoomItem, RoomServers } from '../../lib/domain/room-servers.ts';

const NOW = 1_700_000_000_000;
const GRACE_MS = ROOM_GRACE_S * 1000;
const LATER_S = NOW / 1000 + ROOM_KEPT_S;

const item = (room: string, ...comets: string[]): RoomItem => ({ room, comets, expiresAt: LATER_S });
const set = (...rooms: string[]): Set<string> => new Set(rooms);
const all = ({ additions, others }: DueRooms): RoomItem[] => [...additions, ...others];
const comets = (items: readonly RoomItem[]): Record<string, string[]> =>
  Object.fromEntries(items.map(({ room, comets }) => [room, [...comets].sort()]));

/** Room servers as after a start: what the table holds, then who is in the fleet. */
const loaded = (items: readonly RoomItem[], ...live: string[]): RoomServers => {
  const servers = new RoomServers();
  for (const found of items) servers.found(found, NOW);
  for (const id of live) servers.join(id);
  return servers;
};

const writeAll = (servers: RoomServers, at: number): void => {
  for (const due of all(servers.due(at))) servers.written(due, at);
};

describe('RoomServers', () => {
  it('adds a comet to the rooms of its list, in one item a room', () => {
    const servers = loaded([], 'a', 'b');
    servers.answered('a', set('r1', 'r2'), NOW);
    servers.answered('b', set('r2'), NOW);
    expect(comets(servers.due(NOW).additions)).toEqual({ r1: ['a'], r2: ['a', 'b'] });
  });

  it('has nothing more to write once the writes are confirmed', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('r1'), NOW);
    writeAll(servers, NOW);
    expect(all(servers.due(NOW + 1000))).toEqual([]);
    expect(servers.size).toBe(1);
  });

  it('has nothing to write of a room that a comet lost and has again while the table still holds it', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('r1'), NOW);
    writeAll(servers, NOW);
    servers.answered('a', set(), NOW + 1000);
    servers.answered('a', set('r1'), NOW + 2000);
    expect([all(servers.due(NOW + 2000)), servers.fresh(NOW + 2000)]).toEqual([[], set('a')]);
  });

  it('knows which rooms have other comets than when it was asked last: not those that are refreshed, or whose write failed', () => {
    const servers = loaded([{ ...item('r1', 'a'), expiresAt: NOW / 1000 }, item('r2', 'b')], 'a', 'b');
    servers.answered('a', set('r1', 'r3', 'r4'), NOW);
    servers.answered('b', set('r4'), NOW);
    expect(servers.takeChanged()).toEqual(set());
    for (const due of all(servers.due(NOW))) if (due.room !== 'r4') servers.written(due, NOW);
    expect(servers.takeChanged()).toEqual(set('r3'));
    expect(servers.takeChanged()).toEqual(set());
    servers.answered('b', set('r4'), NOW + GRACE_MS);
    writeAll(servers, NOW + GRACE_MS);
    expect(servers.takeChanged()).toEqual(set('r2', 'r4'));
  });

  it('knows of a room in doubt that it may have changed when the doubt ends, whatever is found', () => {
    const servers = loaded([item('r1', 'a')], 'a', 'b');
    servers.answered('b', set('r1'), NOW);
    servers.doubted('r1', NOW);
    expect(servers.takeChanged()).toEqual(set());
    servers.found(item('r1', 'a'), NOW + WRITE_LIFE_MS);
    expect(servers.takeChanged()).toEqual(set('r1'));
  });

  it('counts no ids of a comet that it does not know', () => {
    expect(loaded([]).unusable('a')).toBe(0);
  });

  it('asks for a write again until it is confirmed', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('r1'), NOW);
    servers.due(NOW);
    expect(comets(servers.due(NOW + 1000).additions)).toEqual({ r1: ['a'] });
  });

  it('holds a comet not fresh until its list is confirmed to be in the table', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('r1'), NOW);
    expect(servers.fresh(NOW)).toEqual(set());
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('a'));
  });

  it('holds a comet not fresh after a start, whatever the table says, until it has answered by itself', () => {
    const servers = loaded([item('r1', 'a')], 'a');
    expect(servers.fresh(NOW)).toEqual(set());
    servers.answered('a', set('r1'), NOW);
    expect(servers.fresh(NOW)).toEqual(set('a'));
  });

  it('holds a comet not fresh once its list is older than 5 s', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set(), NOW);
    expect(servers.fresh(NOW + 5_000)).toEqual(set('a'));
    expect(servers.fresh(NOW + 5_001)).toEqual(set());
  });

  it('keeps the rooms of a comet that does not answer', () => {
    const servers = loaded([item('r1', 'a', 'b')], 'a', 'b');
    for (let at = NOW; at <= NOW + 3 * GRACE_MS; at += 1000) {
      servers.answered('b', set('r1'), at);
      expect(all(servers.due(at))).toEqual([]);
    }
  });

  it('removes a comet from a room after it has answered without it for 30 s', () => {
    const servers = loaded([item('r1', 'a', 'b')], 'a', 'b');
    const none = set();
    servers.answered('a', none, NOW);
    servers.answered('a', none, NOW + GRACE_MS - 1);
    expect(all(servers.due(NOW + GRACE_MS - 1))).toEqual([]);
    servers.answered('a', none, NOW + GRACE_MS);
    expect(comets(servers.due(NOW + GRACE_MS).others)).toEqual({ r1: ['b'] });
  });

  it('removes nothing from a comet in a pass that it did not answer, however long ago it had the room', () => {
    const servers = loaded([item('r1', 'a')], 'a');
    servers.answered('a', set(), NOW);
    expect(all(servers.due(NOW + 2 * GRACE_MS))).toEqual([]);
  });

  it('begins the 30 s anew when the room has come back in between', () => {
    const servers = loaded([item('r1', 'a')], 'a');
    servers.answered('a', set(), NOW);
    servers.answered('a', set('r1'), NOW + 20_000);
    servers.answered('a', set(), NOW + 21_000);
    expect(all(servers.due(NOW + 21_000))).toEqual([]);
    servers.answered('a', set(), NOW + 50_999);
    expect(all(servers.due(NOW + 50_999))).toEqual([]);
    servers.answered('a', set(), NOW + 51_000);
    expect(comets(servers.due(NOW + 51_000).others)).toEqual({ r1: [] });
  });

  it('deletes the item of a room that nobody has', () => {
    const servers = loaded([item('r1', 'a')], 'a');
    servers.leave('a', NOW);
    expect(comets(servers.due(NOW).others)).toEqual({ r1: [] });
    writeAll(servers, NOW);
    expect(servers.size).toBe(0);
  });

  it('removes the rooms of a comet that has left, and of one that the fleet does not know', () => {
    const servers = loaded([item('r1', 'a', 'b'), item('r2', 'stranger')], 'a', 'b');
    servers.leave('a', NOW);
    expect(comets(servers.due(NOW).others)).toEqual({ r1: ['b'], r2: [] });
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set());
  });

  it('keeps what the table holds of a comet that comes back, and gives it 30 s again', () => {
    const servers = loaded([item('r1', 'a'), item('r2', 'a')], 'a');
    servers.leave('a', NOW);
    servers.join('a');
    servers.answered('a', set('r1'), NOW + 1000);
    expect(all(servers.due(NOW + 1000))).toEqual([]);
    servers.answered('a', set('r1'), NOW + 1000 + GRACE_MS);
    expect(comets(servers.due(NOW + 1000 + GRACE_MS).others)).toEqual({ r2: [] });
  });

  it('holds a comet that has moved not fresh until it answers from its new address', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set(), NOW);
    servers.join('a');
    expect(servers.fresh(NOW)).toEqual(set());
    servers.answered('a', set(), NOW + 1000);
    expect(servers.fresh(NOW + 1000)).toEqual(set('a'));
  });

  it('takes no list of a comet that is not in the fleet', () => {
    const servers = loaded([], 'a');
    servers.answered('b', set('r1'), NOW);
    expect(all(servers.due(NOW))).toEqual([]);
  });

  it('takes no list of a comet that has left', () => {
    const servers = loaded([item('r1', 'a')], 'a');
    servers.leave('a', NOW);
    servers.answered('a', set('r1', 'r2'), NOW);
    expect(comets(all(servers.due(NOW)))).toEqual({ r1: [] });
  });

  it('passes over room ids that the table cannot hold: empty, over 2048 bytes, not well-formed', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('', 'é'.repeat(1025), '\ud800', 'r1'), NOW);
    expect(comets(all(servers.due(NOW)))).toEqual({ r1: ['a'] });
    expect(servers.unusable('a')).toBe(3);
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('a'));
    servers.answered('a', set('', 'r1'), NOW + 1000);
    expect(servers.unusable('a')).toBe(1);
    expect(all(servers.due(NOW + 2 * GRACE_MS))).toEqual([]);
  });

  it('takes ids of up to 2048 bytes', () => {
    const servers = loaded([], 'a');
    servers.answered('a', set('é'.repeat(1024)), NOW);
    expect(servers.unusable('a')).toBe(0);
    expect(servers.due(NOW).additions).toHaveLength(1);
  });

  it('does not look at a list that it has taken already', () => {
    const servers = loaded([], 'a');
    const list = set('r1', 'r2');
    servers.answered('a', list, NOW);
    writeAll(servers, NOW);
    let looks = 0;
    const watched = new (class extends Set<string> {
      override has(room: string): boolean {
        looks += 1;
        return super.has(room);
      }
      override [Symbol.iterator](): SetIterator<string> {
        looks += 1;
        return super[Symbol.iterator]();
      }
    })(list);
    looks = 0;
    servers.answered('a', watched, NOW);
    expect(looks).toBeGreaterThan(0);
    looks = 0;
    servers.answered('a', watched, NOW + 1000);
    servers.due(NOW + 1000);
    servers.fresh(NOW + 1000);
    expect(looks).toBe(0);
  });

  describe('a write without an answer', () => {
    const doubted = (): RoomServers => {
      const servers = loaded([], 'a', 'b');
      servers.answered('a', set('r1'), NOW);
      servers.answered('b', set(), NOW);
      servers.doubted('r1', NOW);
      return servers;
    };

    it('is not repeated, and holds the comets of its room not fresh', () => {
      const servers = doubted();
      expect(all(servers.due(NOW + 9_000))).toEqual([]);
      expect(servers.fresh(NOW)).toEqual(set('b'));
    });

    it('holds every comet of the room not fresh, also one that was known to be there', () => {
      const servers = loaded([item('r1', 'b')], 'a', 'b');
      servers.answered('a', set('r1'), NOW);
      servers.answered('b', set('r1'), NOW);
      expect(servers.fresh(NOW)).toEqual(set('b'));
      servers.doubted('r1', NOW);
      expect(servers.fresh(NOW)).toEqual(set());
    });

    it('that was a removal is settled for good if the read finds it done', () => {
      const servers = loaded([item('r1', 'a')], 'a');
      servers.answered('a', set(), NOW);
      servers.answered('a', set(), NOW + GRACE_MS);
      servers.doubted('r1', NOW + GRACE_MS);
      servers.found(item('r1'), NOW + GRACE_MS + WRITE_LIFE_MS);
      servers.answered('a', set(), NOW + 3 * GRACE_MS);
      expect(all(servers.due(NOW + 3 * GRACE_MS))).toEqual([]);
    });

    it('holds a comet not fresh that gets the room later', () => {
      const servers = doubted();
      servers.answered('b', set('r1'), NOW + 1000);
      expect(servers.fresh(NOW + 1000)).toEqual(set());
    });

    it('is read once it can no longer arrive, and not before', () => {
      const servers = doubted();
      expect(servers.doubtsToRead(NOW + WRITE_LIFE_MS - 1)).toEqual([]);
      expect(servers.doubtsToRead(NOW + WRITE_LIFE_MS)).toEqual(['r1']);
    });

    it('counts as done if the read finds it', () => {
      const servers = doubted();
      servers.found(item('r1', 'a'), NOW + 10_000);
      expect(all(servers.due(NOW + 10_000))).toEqual([]);
      servers.answered('a', set('r1'), NOW + 10_000);
      expect(servers.fresh(NOW + 10_000)).toEqual(set('a'));
    });

    it('is due again if the read does not find it', () => {
      const servers = doubted();
      servers.found(item('r1'), NOW + 10_000);
      expect(comets(servers.due(NOW + 10_000).additions)).toEqual({ r1: ['a'] });
      expect(servers.fresh(NOW)).toEqual(set('b'));
    });

    it('that removed a comet which came back holds it not fresh, whatever it answers', () => {
      const servers = loaded([item('r1', 'a')], 'a');
      servers.leave('a', NOW);
      servers.doubted('r1', NOW);
      servers.join('a');
      servers.answered('a', set('r1'), NOW + 1000);
      expect(servers.fresh(NOW + 1000)).toEqual(set());
    });

    it('leaves no comet behind that left in the meantime', () => {
      const servers = doubted();
      servers.leave('a', NOW + 1000);
      servers.found(item('r1', 'a'), NOW + 10_000);
      expect(comets(all(servers.due(NOW + 10_000)))).toEqual({ r1: [] });
    });
  });

  it('writes at most 10,000 rooms in one pass, and the others in the next', () => {
    const servers = loaded([], 'a');
    const rooms = Array.from({ length: MAX_ROOM_WRITES + 5 }, (_, i) => `r${i}`);
    servers.answered('a', new Set(rooms), NOW);
    expect(all(servers.due(NOW))).toHaveLength(MAX_ROOM_WRITES);
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set());
    expect(all(servers.due(NOW))).toHaveLength(5);
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('a'));
  });

  it('makes small lists fresh in the first pass, whatever comes before them, and fills what is left with the largest', () => {
    const many = (prefix: string, count: number): Set<string> =>
      new Set(Array.from({ length: count }, (_, i) => `${prefix}${i}`));
    const servers = loaded([], 'huge', 'large', 'small', 'one');
    servers.answered('huge', many('h', 5 * MAX_ROOM_WRITES), NOW);
    servers.answered('large', many('l', 2 * MAX_ROOM_WRITES), NOW);
    servers.answered('small', many('s', MAX_ROOM_WRITES / 2), NOW);
    servers.answered('one', set('o1'), NOW);
    expect(all(servers.due(NOW))).toHaveLength(MAX_ROOM_WRITES);
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('one', 'small'));
    for (let pass = 0; pass < 2; pass++) writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('one', 'small', 'large'));
    servers.answered('one', set('o1', 'o2'), NOW);
    writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('one', 'small', 'large'));
    for (let pass = 0; pass < 5; pass++) writeAll(servers, NOW);
    expect(servers.fresh(NOW)).toEqual(set('one', 'small', 'large', 'huge'));
  });

  it('refreshes an item of which less than half its time remains, a bounded number of rooms in each pass', () => {
    const early = NOW / 1000 + ROOM_KEPT_S / 2;
    const rooms = Array.from({ length: ROOM_EXPIRY_VISITS + 10 }, (_, i) => `r${i}`);
    const list = new Set(rooms);
    const servers = loaded(
      rooms.map((room) => ({ room, comets: ['a'], expiresAt: early })),
      'a',
    );
    servers.answered('a', list, NOW);
    expect(all(servers.due(NOW))).toEqual([]);
    const first = servers.due(NOW + 1000).others;
    const second = servers.due(NOW + 2000).others;
    expect(first.length).toBeLessThanOrEqual(ROOM_EXPIRY_VISITS);
    expect(new Set([...first, ...second].map(({ room }) => room))).toEqual(list);
    expect(first[0]).toEqual({
      ...item(first[0]?.room ?? '', 'a'),
      expiresAt: (NOW + 1000) / 1000 + ROOM_KEPT_S,
    });
  });
});
