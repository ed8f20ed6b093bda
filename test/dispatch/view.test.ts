import { beforeEach, describe, expect, test } from 'vitest';
import { createViewLoader, type ViewLoader } from '../../lib/dispatch/view.ts';
import type { FleetComet, FleetHeader } from '../../lib/domain/fleet.ts';
import { MAX_VIEW_BYTES, ROOMS_FRESH_MS, VIEW_TTL_MS } from '../../lib/domain/limits.ts';

const comet = (id: string, more: object = {}): FleetComet => ({ id, addresses: [`http://${id}`], ...more });

let now: number;
let calls: string[];
let header: FleetHeader | undefined;
let comets: FleetComet[];
let rooms: Record<string, string[]>;
let load: ViewLoader['load'];

beforeEach(() => {
  now = 100_000;
  calls = [];
  header = { version: 1, mergedAt: now, fleetAt: now, fresh: new Set(['a']), silent: new Set() };
  comets = [comet('a'), comet('b')];
  rooms = { r: ['a'] };
  ({ load } = createViewLoader(
    {
      readHeader: async () => {
        calls.push('header');
        return header;
      },
      readComets: async () => {
        calls.push('comets');
        return comets;
      },
      readRooms: async (wanted) => {
        calls.push(`rooms ${wanted.join()}`);
        return new Map(wanted.flatMap((room) => (rooms[room] ? [[room, new Set(rooms[room])]] : [])));
      },
    },
    () => now,
  ));
});

const wanted = (...names: string[]): Set<string> => new Set(names);

describe('a view', () => {
  test('names the live comets, the fresh ones and the comets of each room', async () => {
    comets = [comet('a'), comet('b'), comet('left', { leftAt: 5 })];
    const view = await load(wanted('r', 'nobody'));
    expect([...view.comets.keys()]).toEqual(['a', 'b']);
    expect(view.fresh).toEqual(new Set(['a']));
    expect(view.cometsByRoom).toEqual(new Map([['r', new Set(['a'])]]));
  });

  test('does not exist without a header', async () => {
    header = undefined;
    await expect(load(wanted())).rejects.toMatchObject({ code: 'FLEET_UNKNOWN', retryable: true });
  });

  test('takes no list as fresh once the merge has stopped', async () => {
    now += ROOMS_FRESH_MS + 1;
    const view = await load(wanted('r'));
    expect(view.fresh.size).toBe(0);
  });

  test('takes no list as fresh whose header is from the future: a clock was set back since', async () => {
    now -= ROOMS_FRESH_MS + 1;
    const view = await load(wanted('r'));
    expect(view.fresh.size).toBe(0);
  });

  test('takes a list as stale the moment it is used, not when it was read', async () => {
    now += ROOMS_FRESH_MS - 10;
    expect((await load(wanted('r'))).fresh.size).toBe(1);
    now += 20;
    expect((await load(wanted('r'))).fresh.size).toBe(0);
    expect(calls).toEqual(['header', 'comets', 'rooms r']);
  });
});

describe('a room that was read', () => {
  const pass = (pass: number, since: number, roomsByPass: [number, string[]][] = [], merge = 'm') => {
    if (header === undefined) throw new TypeError('there is no header');
    header = { ...header, mergedAt: now, changes: { merge, pass, since, roomsByPass: new Map(roomsByPass) } };
    now += VIEW_TTL_MS + 1;
  };
  const roomReads = () => calls.filter((call) => call.startsWith('rooms')).map((call) => call.slice(6));

  test('is used with later headers, as long as none says that it has changed', async () => {
    rooms = { r: ['a'], s: ['b'] };
    pass(1, 1);
    await load(wanted('r', 's', 'nobody'));
    pass(2, 1);
    await load(wanted('r', 's', 'nobody'));
    pass(3, 1, [[3, ['s', 'nobody', 'other']]]);
    rooms = { r: ['a'], s: ['a', 'b'], nobody: ['b'] };
    const { cometsByRoom } = await load(wanted('r', 's', 'nobody'));
    expect(cometsByRoom).toEqual(
      new Map([
        ['r', new Set(['a'])],
        ['s', new Set(['a', 'b'])],
        ['nobody', new Set(['b'])],
      ]),
    );
    expect(roomReads()).toEqual(['r,s,nobody', 's,nobody']);
  });

  test('is read once for a change, however many headers name it, and again if it changes again', async () => {
    pass(1, 1, []);
    await load(wanted('r'));
    pass(2, 1, [[2, ['r']]]);
    await load(wanted('r'));
    pass(3, 1, [[2, ['r']]]);
    await load(wanted('r'));
    expect(roomReads()).toEqual(['r', 'r']);
    pass(5, 1, [
      [2, ['r']],
      [4, ['r']],
    ]);
    await load(wanted('r'));
    expect(roomReads()).toEqual(['r', 'r', 'r']);
  });

  test('is read again once a change since then may be unnamed, and not before', async () => {
    pass(4, 1);
    await load(wanted('r'));
    pass(9, 4);
    await load(wanted('r'));
    expect(roomReads()).toEqual(['r']);
    pass(11, 10);
    await load(wanted('r'));
    expect(roomReads()).toEqual(['r', 'r']);
  });

  test('is read again once another merge counts the passes', async () => {
    pass(4, 1);
    await load(wanted('r'));
    pass(5, 1, [], 'another');
    await load(wanted('r'));
    expect(roomReads()).toEqual(['r', 'r']);
  });

  test('is kept while the fleet changes', async () => {
    pass(1, 1);
    await load(wanted('r'));
    pass(2, 1);
    header = header && { ...header, version: 2 };
    await load(wanted('r'));
    expect(calls).toEqual(['header', 'comets', 'rooms r', 'header', 'comets']);
  });

  test('is not used with a later header if its read, for an earlier one, ends under that', async () => {
    const late = Promise.withResolvers<Map<string, ReadonlySet<string>>>();
    const answers = [late.promise, Promise.resolve(new Map([['r', new Set(['a', 'b'])]]))];
    const { load: loadLate } = createViewLoader(
      {
        readHeader: async () => header,
        readComets: async () => comets,
        readRooms: async () => (await answers.shift()) ?? new Map(),
      },
      () => now,
    );
    pass(1, 1);
    // Of an invocation that has failed meanwhile.
    const left = loadLate(wanted('r'));
    await Promise.resolve();
    pass(2, 1, [[2, ['r']]]);
    await loadLate(wanted());
    late.resolve(new Map([['r', new Set(['a'])]]));
    await left;
    expect((await loadLate(wanted('r'))).cometsByRoom.get('r')).toEqual(new Set(['a', 'b']));
  });

  test('is forgotten with all others once they take more memory than they may', async () => {
    const long = 'x'.repeat(2_000);
    const many = Array.from({ length: Math.ceil(MAX_VIEW_BYTES / 4_000) }, (_, i) => `${long}${i}`);
    pass(1, 1);
    await load(new Set(many));
    pass(2, 1);
    await load(wanted(many[0] ?? ''));
    expect(roomReads()).toEqual([many.join(), many[0]]);
  });
});

describe('what was read', () => {
  test('is read again once the clock was set back by more than VIEW_TTL_MS', async () => {
    await load(wanted('r'));
    now -= VIEW_TTL_MS + 1;
    await load(wanted('r'));
    expect(calls.filter((call) => call === 'header')).toHaveLength(2);
  });

  test('is used again for VIEW_TTL_MS, and a room that was not asked for is read by itself', async () => {
    await load(wanted('r'));
    now += VIEW_TTL_MS;
    await load(wanted('r', 's'));
    await load(wanted('s'));
    expect(calls).toEqual(['header', 'comets', 'rooms r', 'rooms s']);
  });

  test('is read again after that, the comets only if the version changed', async () => {
    await load(wanted());
    now += VIEW_TTL_MS + 1;
    await load(wanted());
    header = { version: 2, mergedAt: now, fleetAt: now, fresh: new Set(), silent: new Set() };
    comets = [comet('c')];
    now += VIEW_TTL_MS + 1;
    expect([...(await load(wanted())).comets.keys()]).toEqual(['c']);
    expect(calls).toEqual(['header', 'comets', 'header', 'header', 'comets']);
  });

  test('is read again, the comets too, also if the version went back, as when a table is restored', async () => {
    await load(wanted());
    header = { version: 0, mergedAt: now, fleetAt: now, fresh: new Set(), silent: new Set() };
    comets = [comet('c')];
    now += VIEW_TTL_MS + 1;
    expect([...(await load(wanted())).comets.keys()]).toEqual(['c']);
  });

  test('is used again of a room that nobody has, too', async () => {
    await load(wanted('nobody'));
    await load(wanted('nobody'));
    expect(calls).toEqual(['header', 'comets', 'rooms nobody']);
  });

  test('never pairs a room with a later header: what that header calls fresh may have the room by now', async () => {
    await load(wanted('r'));
    rooms = { r: ['a', 'b'] };
    header = { version: 1, mergedAt: now + 900, fleetAt: now, fresh: new Set(['a', 'b']), silent: new Set() };
    now += VIEW_TTL_MS + 1;
    expect((await load(wanted('r'))).cometsByRoom.get('r')).toEqual(new Set(['a', 'b']));
    expect(calls.slice(-2)).toEqual(['header', 'rooms r']);
  });

  test('is forgotten, each room of it, with a header that names no changes', async () => {
    await load(wanted('r'));
    now += VIEW_TTL_MS + 1;
    await load(wanted('r'));
    expect(calls).toEqual(['header', 'comets', 'rooms r', 'header', 'rooms r']);
  });

  test('is passed over when a fresh read is asked for', async () => {
    await load(wanted());
    comets = [comet('c')];
    header = { version: 2, mergedAt: now, fleetAt: now, fresh: new Set(), silent: new Set() };
    expect([...(await load(wanted(), { afresh: true })).comets.keys()]).toEqual(['c']);
  });

  test('counts its age from before the request', async () => {
    let slow = true;
    const { load: loadSlowly } = createViewLoader(
      {
        readHeader: async () => {
          calls.push('header');
          if (slow) now += VIEW_TTL_MS + 1;
          slow = false;
          return header;
        },
        readComets: async () => comets,
        readRooms: async () => new Map(),
      },
      () => now,
    );
    await loadSlowly(wanted());
    await loadSlowly(wanted());
    expect(calls).toEqual(['header', 'header']);
  });
});
