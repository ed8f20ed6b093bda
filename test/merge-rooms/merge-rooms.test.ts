import { describe, expect, it } from 'vitest';
import { ROOM_KEPT_S } from '../../lib/domain/limits.ts';
import type { Fate, Kind } from './memory-tables.ts';
import { openSession } from './memory-tables.ts';
import { comet, createWorld, fleetOf, START, type World } from './world.ts';

const a = comet('a');
const b = comet('b');
const set = (...rooms: string[]): Set<string> => new Set(rooms);
const item = (room: string, ...comets: string[]) => ({ room, comets, expiresAt: START / 1000 + ROOM_KEPT_S });

/** Spoils the first writes of a kind, or those between two times. */
const spoil = (world: World, fate: Fate, spoiled: (kind: Kind, key: string, ms: number) => boolean): void => {
  world.tables.fate = (kind, key) => (spoiled(kind, key, world.clock.now() - START) ? fate : 'done');
};

const doneOf = (world: World, ...kinds: Kind[]) =>
  world.tables.done
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ at, key }) => ({ ms: at - START, key }));

const twoComets = (): World => {
  const world = createWorld(a, b);
  world.roomsByAddress.set('http://a', set('r1', 'r2'));
  world.roomsByAddress.set('http://b', set('r2'));
  return world;
};

describe('merge-rooms', () => {
  it('comes to hold the fleet, its rooms, and every comet fresh', async () => {
    const world = twoComets();
    await world.merge(5_000);
    expect([...world.tables.comets.values()]).toEqual([a, b]);
    expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
    expect(world.tables.headers.at(-1)).toEqual({
      version: 1,
      mergedAt: START + 4_000,
      fleetAt: START + 4_000,
      fresh: new Set(['a', 'b']),
      silent: new Set(),
      changes: { merge: 'one', pass: 5, since: 1, roomsByPass: new Map([[2, ['r2', 'r1']]]) },
    });
  });

  it('names rooms that have changed in the header after their writes, also if that of the pass is lost', async () => {
    const world = twoComets();
    world.after(9_500, () => world.roomsByAddress.set('http://b', set('r2', 'r3')));
    spoil(world, 'given-up-lost', (kind, _key, ms) => kind === 'header' && ms === 10_000);
    await world.merge(12_000);
    const named = world.tables.headers.map(({ changes }) => [...(changes?.roomsByPass ?? [])]);
    expect(named.slice(8, 10)).toEqual([[[2, ['r2', 'r1']]], [[2, ['r2', 'r1']]]]);
    expect(named[10]).toEqual([
      [2, ['r2', 'r1']],
      [11, ['r3']],
    ]);
    expect(doneOf(world, 'room').at(-1)).toEqual({ ms: 10_000, key: 'r3' });
  });

  it('counts its passes anew, under its own name', async () => {
    const world = twoComets();
    await world.merge(2_000, { owner: 'first' });
    await world.merge(2_000, { owner: 'second' });
    const passes = world.tables.headers.map(({ changes }) => [changes?.merge, changes?.pass]);
    expect(passes).toEqual([
      ['first', 1],
      ['first', 2],
      ['second', 1],
      ['second', 2],
    ]);
  });

  it('writes a header each second, and nothing else while nothing changes', async () => {
    const world = twoComets();
    await world.merge(60_000);
    expect(world.tables.headers.map(({ mergedAt }) => mergedAt - START)).toEqual(
      Array.from({ length: 60 }, (_, i) => i * 1000),
    );
    expect(doneOf(world, 'comet', 'room')).toHaveLength(4);
    expect(new Set(world.tables.headers.map(({ version }) => version))).toEqual(new Set([1]));
  });

  it('writes comets before the header that brings them, and additions before removals', async () => {
    const world = twoComets();
    world.after(10_000, () => {
      world.roomsByAddress.set('http://b', set());
      world.roomsByAddress.set('http://a', set('r1', 'r2'));
    });
    world.after(39_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2', 'r3')));
    await world.merge(45_000);
    const order = world.tables.done.map(({ kind, key }) => `${kind} ${key}`);
    expect(order.slice(0, 5)).toEqual(['acquire one', 'renew one', 'renew one', 'comet a', 'comet b']);
    expect(order[5]).toBe('header 1');
    expect(order.indexOf('room r3')).toBe(order.lastIndexOf('room r2') - 1);
    expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a'], r3: ['a'] });
  });

  it('counts what it says from when it asked, however long the answers take, and keeps its beat', async () => {
    const world = twoComets();
    world.answerMs = 600;
    await world.merge(5_000);
    const times = world.tables.headers.map(({ mergedAt, fleetAt }) => [mergedAt - START, fleetAt - START]);
    expect(times).toEqual([0, 1_000, 2_000, 3_000, 4_000].map((ms) => [ms, ms]));
    expect(world.metrics.map(({ value }) => value)).toEqual([0, 600, 600, 600, 600]);
    expect(new Set(world.asked.map(({ at }) => at))).toEqual(new Set([1_000, 2_000, 3_000, 4_000]));
  });

  it('closes its clients, and frees its lease, also if a bug ends it', async () => {
    const world = twoComets();
    world.after(2_500, () => {
      world.tables.fate = () => {
        world.tables.fate = () => 'done';
        throw new TypeError('a bug');
      };
    });
    await expect(world.merge(10_000)).rejects.toThrow(TypeError);
    expect(world.closed.sort()).toEqual(['http://a', 'http://b']);
    expect(world.tables.lease).toBeUndefined();
  });

  describe('a comet that does not answer (goim V7, V8)', () => {
    it.each(['fails', 'hangs', 'hangs-deaf'] as const)('keeps its rooms when it %s', async (rooms) => {
      const world = twoComets();
      world.after(5_500, () => world.roomsByAddress.set('http://a', rooms));
      await world.merge(120_000);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
      expect([...world.tables.comets.values()]).toEqual([a, b]);
    });

    it('is not fresh from 5 s after its last list on, until it answers again', async () => {
      const world = twoComets();
      world.after(5_500, () => world.roomsByAddress.set('http://a', 'fails'));
      world.after(20_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2')));
      await world.merge(30_000);
      expect(world.freshAt(10_000)).toEqual(['a', 'b']);
      expect(world.freshAt(11_000)).toEqual(['b']);
      expect(world.freshAt(20_000)).toEqual(['b']);
      expect(world.freshAt(21_000)).toEqual(['a', 'b']);
    });

    it.each(['fails', 'hangs', 'hangs-deaf'] as const)(
      'is silent in each header while it %s',
      async (rooms) => {
        const world = twoComets();
        world.after(5_500, () => world.roomsByAddress.set('http://a', rooms));
        world.after(7_900, () => world.roomsByAddress.set('http://a', set('r1')));
        await world.merge(10_000);
        expect(world.tables.headers.map(({ silent }) => [...silent].join())).toEqual(
          [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((pass) => (pass === 6 || pass === 7 ? 'a' : '')),
        );
      },
    );

    it('delays nobody beyond 800 ms: all are asked at once and the headers go on', async () => {
      const world = twoComets();
      world.roomsByAddress.set('http://a', 'hangs-deaf');
      await world.merge(20_000);
      expect(world.tables.headers.map(({ mergedAt }) => mergedAt - START)).toEqual(
        Array.from({ length: 20 }, (_, i) => i * 1000),
      );
      expect(doneOf(world, 'header').at(-1)?.ms).toBe(19_800);
      const askedAt = (address: string) =>
        world.asked.filter((ask) => ask.address === address).map(({ at }) => at);
      expect(askedAt('http://b')).toEqual(askedAt('http://a'));
      expect(world.freshAt(19_000)).toEqual(['b']);
    });

    it('has its call ended after 800 ms', async () => {
      const world = twoComets();
      world.roomsByAddress.set('http://a', 'hangs');
      await world.merge(3_000);
      expect(world.ended).toEqual([1_800, 2_800]);
    });

    it('is logged when it stops and when it answers again, not each second', async () => {
      const world = twoComets();
      world.after(5_500, () => world.roomsByAddress.set('http://a', 'fails'));
      world.after(50_500, () => world.roomsByAddress.set('http://a', set('r1')));
      await world.merge(90_000);
      const lines = world.lines.filter(({ fields }) => fields['comet'] === 'a');
      expect(lines).toEqual([
        {
          level: 'warn',
          message: 'a comet does not answer with its rooms',
          fields: { subject: 'comet a', comet: 'a', failure: 'COMET_UNREACHABLE: failed' },
        },
        {
          level: 'info',
          message: 'well again',
          fields: { subject: 'comet a', comet: 'a', failure: undefined },
        },
      ]);
    });
  });

  describe('rooms', () => {
    it('are lost by a comet only after it has answered without them for 30 s', async () => {
      const world = twoComets();
      world.after(9_500, () => world.roomsByAddress.set('http://a', set()));
      world.after(39_950, () => expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] }));
      await world.merge(41_000);
      expect(world.rooms()).toEqual({ r2: ['b'] });
      expect(doneOf(world, 'room').at(-1)?.ms).toBe(40_000);
    });

    it('make their comet not fresh until they are written', async () => {
      const world = twoComets();
      spoil(world, 'refused', (_kind, key, ms) => key === 'r9' && ms < 15_000);
      world.after(9_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9')));
      await world.merge(20_000);
      expect(world.freshAt(9_000)).toEqual(['a', 'b']);
      expect(world.freshAt(10_000)).toEqual(['b']);
      expect(world.freshAt(14_000)).toEqual(['b']);
      expect(world.freshAt(15_000)).toEqual(['a', 'b']);
      expect(world.rooms()['r9']).toEqual(['a']);
    });

    it('whose ids the table cannot hold are passed over, with one warning that counts them', async () => {
      const world = twoComets();
      world.roomsByAddress.set('http://a', set('', 'x'.repeat(2049), 'r1'));
      await world.merge(10_000);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['b'] });
      expect(world.freshAt(9_000)).toEqual(['a', 'b']);
      const warnings = world.lines.filter(({ level }) => level === 'warn');
      expect(warnings.map(({ fields }) => fields)).toEqual([
        { subject: 'room ids of a', comet: 'a', ids: 2 },
      ]);
    });

    it('are refreshed before they expire, with the comets that they had', async () => {
      const world = twoComets();
      world.tables.items.set('r1', { room: 'r1', comets: ['a'], expiresAt: START / 1000 + 60 });
      world.tables.comets.set('a', a);
      await world.merge(10_000);
      expect(world.tables.items.get('r1')).toEqual(item('r1', 'a'));
    });

    it('are written for 10,000 in a pass, so that the headers go on', async () => {
      const world = createWorld(a);
      world.roomsByAddress.set('http://a', new Set(Array.from({ length: 25_000 }, (_, i) => `r${i}`)));
      await world.merge(6_000);
      const passes = doneOf(world, 'room').map(({ ms }) => ms);
      expect([1_000, 2_000, 3_000].map((at) => passes.filter((ms) => ms === at).length)).toEqual([
        10_000, 10_000, 5_000,
      ]);
      expect([world.freshAt(2_000), world.freshAt(3_000)]).toEqual([[], ['a']]);
    });
  });

  describe('a room write without an answer', () => {
    it.each<[string, Fate]>([
      ['that was done', 'given-up-done'],
      ['that was lost', 'given-up-lost'],
      ['that arrives 6 s later', { givenUpDoneAfterMs: 6_000 }],
    ])(
      '%s holds its comets not fresh and is not repeated until the room is read, 10 s later',
      async (_, fate) => {
        const world = twoComets();
        spoil(world, fate, (_kind, key, ms) => key === 'r9' && ms < 10_500);
        world.after(9_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9')));
        await world.merge(30_000);
        expect(world.tables.roomReads).toEqual([{ at: START + 20_000, rooms: ['r9'] }]);
        expect(world.freshAt(9_000)).toEqual(['a', 'b']);
        expect(world.freshAt(10_000)).toEqual(['b']);
        expect(world.freshAt(19_000)).toEqual(['b']);
        expect(world.freshAt(20_000)).toEqual(['a', 'b']);
        expect(world.rooms()['r9']).toEqual(['a']);
        expect(
          doneOf(world, 'room').filter(({ key, ms }) => key === 'r9' && ms > 10_000 && ms < 16_000),
        ).toEqual([]);
      },
    );

    it('holds a comet not fresh that gets the room in the meantime', async () => {
      const world = twoComets();
      spoil(world, 'given-up-done', (_kind, key, ms) => key === 'r9' && ms < 10_500);
      world.after(9_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9')));
      world.after(12_500, () => world.roomsByAddress.set('http://b', set('r2', 'r9')));
      await world.merge(30_000);
      expect(world.freshAt(12_000)).toEqual(['b']);
      expect(world.freshAt(13_000)).toEqual([]);
      expect(world.freshAt(20_000)).toEqual(['a', 'b']);
      expect(world.rooms()['r9']).toEqual(['a', 'b']);
    });

    it('delays no other room', async () => {
      const world = twoComets();
      spoil(world, 'given-up-lost', (_kind, key, ms) => key === 'r9' && ms < 10_500);
      world.after(9_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2', 'r8', 'r9')));
      world.after(10_500, () => expect(world.rooms()['r8']).toEqual(['a']));
      await world.merge(12_000);
    });
  });

  describe('the fleet', () => {
    it('loses a comet after 10 s absent from good answers, and then its rooms', async () => {
      const world = twoComets();
      world.after(9_500, () => {
        world.registry = fleetOf(b);
      });
      await world.merge(25_000);
      expect(world.tables.comets.get('a')).toEqual({ ...a, leftAt: START + 20_000 });
      expect(world.rooms()).toEqual({ r2: ['b'] });
      expect(world.freshAt(24_000)).toEqual(['b']);
      expect(world.closed[0]).toBe('http://a');
      expect(world.asked.findLast(({ address }) => address === 'http://a')?.at).toBe(20_000);
    });

    it('loses nobody while the registry fails, hangs or names nobody, and says so in fleetAt (goim J16)', async () => {
      const world = twoComets();
      world.after(9_500, () => {
        world.registry = 'fails';
      });
      world.after(30_500, () => {
        world.registry = fleetOf();
      });
      world.after(60_500, () => {
        world.registry = 'hangs';
      });
      await world.merge(90_000);
      expect([...world.tables.comets.values()]).toEqual([a, b]);
      const last = world.tables.headers.at(-1);
      expect(last).toMatchObject({
        mergedAt: START + 89_000,
        fleetAt: START + 9_000,
        fresh: new Set(['a', 'b']),
        silent: new Set(),
      });
      expect(world.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    });

    it('counts only good answers towards the 10 s', async () => {
      const world = twoComets();
      world.after(9_500, () => {
        world.registry = fleetOf(b);
      });
      world.after(10_500, () => {
        world.registry = 'fails';
      });
      await world.merge(40_000);
      expect(world.tables.comets.get('a')).toEqual(a);
    });

    it('keeps a comet that is back within 10 s', async () => {
      const world = twoComets();
      world.after(9_500, () => {
        world.registry = fleetOf(b);
      });
      world.after(15_500, () => {
        world.registry = fleetOf(a, b);
      });
      world.after(16_500, () => {
        world.registry = fleetOf(b);
      });
      await world.merge(26_000);
      expect(world.tables.comets.get('a')).toEqual(a);
      expect(new Set(world.tables.headers.map(({ version }) => version))).toEqual(new Set([1]));
    });

    it('takes a comet back that had left, not fresh until it has answered', async () => {
      const world = twoComets();
      world.after(9_500, () => {
        world.registry = fleetOf(b);
      });
      world.after(29_500, () => {
        world.registry = fleetOf(a, b);
      });
      await world.merge(35_000);
      expect(world.tables.comets.get('a')).toEqual(a);
      expect(world.freshAt(30_000)).toEqual(['b']);
      expect(world.freshAt(31_000)).toEqual(['a', 'b']);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
    });

    it('forgets a comet an hour after it has left', async () => {
      const world = twoComets();
      world.tables.comets.set('old', { ...comet('old'), leftAt: START - 3_595_000 });
      await world.merge(5_000);
      expect(world.tables.comets.has('old')).toBe(true);
      await world.merge(5_000);
      expect(world.tables.comets.has('old')).toBe(false);
    });

    it('gets a new version with each change of its comets, and only then', async () => {
      const world = twoComets();
      world.after(4_500, () => {
        world.registry = fleetOf(a, b, comet('c'));
      });
      await world.merge(10_000);
      expect(world.tables.headers.map(({ version }) => version)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    });

    it('gives a comet with a new address a new client, and holds it not fresh until that answers (goim J14)', async () => {
      const world = twoComets();
      world.roomsByAddress.set('http://a-moved', set('r1', 'r3'));
      world.after(4_500, () => {
        world.registry = fleetOf(comet('a', 'http://a-moved'), b);
      });
      await world.merge(10_000);
      expect(world.tables.comets.get('a')).toEqual(comet('a', 'http://a-moved'));
      expect(world.closed[0]).toBe('http://a');
      expect(world.asked.filter(({ address, at }) => address === 'http://a' && at > 5_000)).toEqual([]);
      expect([world.freshAt(4_000), world.freshAt(5_000), world.freshAt(6_000)]).toEqual([
        ['a', 'b'],
        ['b'],
        ['a', 'b'],
      ]);
      expect(world.rooms()['r3']).toEqual(['a']);
      expect(world.tables.headers.at(-1)?.version).toBe(2);
    });

    it('takes the good entries of an answer that has bad ones, and names those once (goim J13)', async () => {
      const world = twoComets();
      world.registry = { comets: [a, b], refused: [{ id: 'c', problem: 'it has no address' }] };
      await world.merge(10_000);
      expect([...world.tables.comets.keys()]).toEqual(['a', 'b']);
      const warnings = world.lines.filter(({ level }) => level === 'warn');
      expect(warnings.map(({ message }) => message)).toEqual([
        'registry entries refused: c: it has no address',
      ]);
    });

    it('keeps a comet as it is whose entry has become bad', async () => {
      const world = twoComets();
      world.after(4_500, () => {
        world.registry = { comets: [b], refused: [{ id: 'a', problem: 'it has no address' }] };
      });
      await world.merge(60_000);
      expect([...world.tables.comets.values()]).toEqual([a, b]);
    });

    it('has the comets of every zone (goim J16)', async () => {
      const world = twoComets();
      world.registry = fleetOf({ ...a, zone: 'sh001' }, { ...b, zone: 'sh002' });
      await world.merge(5_000);
      expect(world.freshAt(4_000)).toEqual(['a', 'b']);
      expect(world.tables.comets.get('b')?.zone).toBe('sh002');
    });

    it('does not count as known while a comet could not be written', async () => {
      const world = twoComets();
      spoil(world, 'refused', (kind, key, ms) => kind === 'comet' && key === 'c' && ms < 8_500);
      world.after(4_500, () => {
        world.registry = fleetOf(a, b, comet('c'));
      });
      await world.merge(12_000);
      const fleetAt = (ms: number) =>
        world.tables.headers.findLast(({ mergedAt }) => mergedAt <= START + ms)?.fleetAt;
      expect(fleetAt(8_000)).toBe(START + 4_000);
      expect(fleetAt(9_000)).toBe(START + 9_000);
      expect(world.tables.comets.has('c')).toBe(true);
    });
  });

  describe('a comet write without an answer', () => {
    it.each<[string, Fate]>([
      ['that was done', 'given-up-done'],
      ['that was lost', 'given-up-lost'],
      ['that arrives 6 s later', { givenUpDoneAfterMs: 6_000 }],
    ])('%s holds the headers back until the fleet is read, 10 s later', async (_, fate) => {
      const world = twoComets();
      const tries: number[] = [];
      spoil(world, fate, (kind, key, ms) => {
        if (key === 'c') tries.push(ms);
        return kind === 'comet' && key === 'c' && ms < 5_500;
      });
      world.after(4_500, () => {
        world.registry = fleetOf(a, b, comet('c'));
      });
      await world.merge(20_000);
      const merged = world.tables.headers.map(({ mergedAt }) => mergedAt - START);
      expect(merged.filter((ms) => ms >= 5_000)).toEqual([15_000, 16_000, 17_000, 18_000, 19_000]);
      expect(world.tables.headers.at(-1)?.version).toBe(2);
      expect(world.freshAt(19_000)).toEqual(['a', 'b', 'c']);
      expect(world.tables.fleetReads).toBe(2);
      expect(tries.filter((ms) => ms > 5_000 && ms < 15_000)).toEqual([]);
    });
  });

  describe('a header write without an answer', () => {
    it('is followed by the next one', async () => {
      const world = twoComets();
      spoil(world, { givenUpDoneAfterMs: 3_000 }, (kind, _key, ms) => kind === 'header' && ms === 5_000);
      await world.merge(10_000);
      expect(world.tables.headers.map(({ mergedAt }) => mergedAt - START)).toEqual([
        0, 1000, 2000, 3000, 4000, 6000, 7000, 8000, 9000,
      ]);
    });
  });

  describe('the lease', () => {
    const held = (until: number, endsAt: number) => ({
      name: 'merge-rooms',
      owner: 'other',
      fingerprint: '',
      until: START + until,
      endsAt: START + endsAt,
    });

    it('of another merge that goes on for more than 90 s ends this one at once', async () => {
      const world = twoComets();
      world.tables.lease = held(30_000, 90_001);
      expect(await world.merge(600_000)).toBe('held');
      expect(world.clock.now()).toBe(START);
      expect(world.tables.done).toEqual([]);
    });

    it('of a merge that ends within 90 s is waited for until it has run out, and a second for the clocks', async () => {
      const world = twoComets();
      world.tables.lease = held(20_000, 90_000);
      expect(await world.merge(60_000)).toBe('merged');
      expect(world.tables.done[0]).toEqual({ at: START + 22_000, kind: 'acquire', key: 'one' });
    });

    it('is handed over to one that started later with another configuration, after the pass in work, and taken within 2 s', async () => {
      const world = twoComets();
      const old = world.start(600_000, { owner: '1', fingerprint: 'old' });
      world.after(10_500, () => {
        world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9'));
        void world.start(20_000, { owner: '2', fingerprint: 'new' });
      });
      expect(await world.clock.run(old)).toBe('merged');
      expect(world.clock.now()).toBe(START + 12_000);
      await world.clock.run(world.clock.sleep(25_000));
      const kinds = world.tables.done.filter(
        ({ kind }) => !['renew', 'room', 'comet', 'header'].includes(kind),
      );
      expect(kinds).toEqual([
        { at: START, kind: 'acquire', key: '1' },
        { at: START + 10_500, kind: 'ask', key: '2' },
        { at: START + 12_000, kind: 'give-up', key: '1' },
        { at: START + 12_500, kind: 'acquire', key: '2' },
        { at: START + 30_500, kind: 'release', key: '2' },
      ]);
    });

    it('is not asked for by one that started earlier, nor by one that runs the same', async () => {
      const world = twoComets();
      const first = world.start(200_000, { owner: '2', fingerprint: 'a' });
      world.after(5_500, () => {
        void world.start(20_000, { owner: '1', fingerprint: 'b' });
        void world.start(20_000, { owner: '3', fingerprint: 'a' });
      });
      await world.clock.run(first);
      expect(doneOf(world, 'ask', 'give-up', 'acquire')).toHaveLength(1);
    });

    it('goes to the last that asked: one that waits leaves when it sees a later one', async () => {
      const world = twoComets();
      const first = world.start(600_000, { owner: '1', fingerprint: 'a' });
      const ends: string[] = [];
      const ask = (owner: string, fingerprint: string) => async () => {
        ends.push(`${owner} ${await world.start(5_000, { owner, fingerprint })}`);
      };
      world.after(10_200, () => void ask('2', 'b')());
      world.after(10_400, () => void ask('3', 'c')());
      await world.clock.run(first);
      await world.clock.run(world.clock.sleep(10_000));
      expect(ends).toEqual(['2 held', '3 merged']);
    });

    it('that was given up for one that has died is anybody’s once it has run out', async () => {
      const world = twoComets();
      world.tables.lease = { ...held(30_000, 0), owner: '', ask: '9' };
      expect(await world.merge(60_000, { owner: '8' })).toBe('held');
      expect(world.clock.now()).toBe(START);
      world.after(31_500, () => {});
      await world.clock.run(world.clock.sleep(31_500));
      expect(await world.merge(5_000, { owner: '8' })).toBe('merged');
    });

    it('that is released is taken within a second', async () => {
      const world = twoComets();
      world.tables.lease = held(30_000, 60_000);
      world.after(7_500, () => {
        world.tables.lease = undefined;
      });
      await world.merge(20_000);
      expect(world.tables.done[0]?.at).toBe(START + 8_000);
    });

    it('is not waited for beyond the own end', async () => {
      const world = twoComets();
      world.tables.lease = held(30_000, 60_000);
      expect(await world.merge(10_000)).toBe('held');
      expect(world.tables.done).toEqual([]);
    });

    it('is renewed each pass and released after the last write, 30 s before Lambda would stop it', async () => {
      const world = twoComets();
      await world.merge(10_000);
      const kinds = world.tables.done.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'renew')).toHaveLength(11);
      expect(kinds.at(-1)).toBe('release');
      expect(world.clock.now()).toBe(START + 10_000);
      expect(world.tables.lease).toBeUndefined();
    });

    it('names when this merge means to end', async () => {
      const world = twoComets();
      world.after(500, () =>
        expect(world.tables.lease).toEqual({
          name: 'merge-rooms',
          owner: 'one',
          fingerprint: '',
          until: START + 30_000,
          endsAt: START + 10_000,
        }),
      );
      await world.merge(10_000);
    });

    it('that another has taken ends the merge, which writes nothing more and leaves that lease alone', async () => {
      const world = twoComets();
      const other = held(60_000, 60_000);
      world.after(4_500, () => {
        world.tables.lease = other;
        world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9'));
      });
      await expect(world.merge(30_000)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(world.tables.done.every(({ at }) => at < START + 4_500)).toBe(true);
      expect(world.tables.lease).toBe(other);
    });

    it('that cannot be renewed lets no write start that could outlive it', async () => {
      const world = twoComets();
      spoil(world, 'refused', (kind, _key, ms) => kind === 'renew' && ms >= 4_500);
      world.after(5_000, () => {
        let n = 0;
        const grow = (): void => {
          world.roomsByAddress.set('http://a', set('r1', 'r2', `new${n++}`));
          world.after(world.clock.now() - START + 1_000, grow);
        };
        grow();
      });
      world.after(30_000, () => {
        world.registry = fleetOf(a, b, comet('c'));
      });
      await world.merge(60_000);
      const last = Math.max(...doneOf(world, 'room', 'header', 'comet').map(({ ms }) => ms));
      expect(last).toBe(23_000);
    });

    it('that can be renewed again before another takes it lets the merge go on', async () => {
      const world = twoComets();
      spoil(world, 'refused', (kind, _key, ms) => kind === 'renew' && ms >= 4_500 && ms < 50_000);
      await world.merge(60_000);
      expect(world.tables.headers.at(-1)?.mergedAt).toBe(START + 59_000);
    });

    it.each<[string, Kind]>([
      ['room', 'room'],
      ['comet', 'comet'],
      ['header', 'header'],
    ])('is left to run out if a %s write was given up shortly before the end', async (_, spoiled) => {
      const world = twoComets();
      spoil(world, 'given-up-lost', (kind, _key, ms) => kind === spoiled && ms >= 9_000);
      world.after(8_500, () => {
        world.roomsByAddress.set('http://a', set('r1', 'r2', 'r9'));
        world.registry = fleetOf(a, b, comet('c'));
      });
      await world.merge(10_000);
      expect(world.tables.lease?.owner).toBe('one');
    });

    it('is taken by the same merge if the answer to its taking was lost', async () => {
      const world = twoComets();
      let acquires = 0;
      world.tables.fate = (kind) => (kind === 'acquire' && acquires++ === 0 ? 'given-up-done' : 'done');
      expect(await world.merge(5_000)).toBe('merged');
      expect(world.tables.headers).not.toEqual([]);
    });
  });

  describe('a merge that takes over', () => {
    const crash = async (spoiled: Kind, nth: number): Promise<World> => {
      const world = twoComets();
      const session = openSession(world.tables, world.clock);
      let writes = 0;
      world.tables.fate = (kind) => {
        if (kind !== spoiled || ++writes < nth) return 'done';
        session.die();
        world.tables.fate = () => 'done';
        return 'done';
      };
      void world.start(20_000, { owner: 'dead', stores: session });
      await world.merge(70_000, { owner: 'next' });
      return world;
    };

    it.each<[Kind, number]>([
      ['comet', 1],
      ['comet', 2],
      ['room', 1],
      ['room', 2],
      ['header', 1],
      ['header', 2],
      ['header', 3],
    ])('from one that died at %s write %i brings the tables to what is true', async (kind, nth) => {
      const world = await crash(kind, nth);
      expect([...world.tables.comets.values()]).toEqual([a, b]);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
      expect(world.freshAt(69_000)).toEqual(['a', 'b']);
      const taken = world.tables.done.find(({ key }) => key === 'next')?.at ?? 0;
      const before = world.tables.done.findLast(({ key }) => key === 'dead')?.at ?? 0;
      expect(taken).toBeGreaterThan(before + 30_000);
    });

    it('gives the fleet a new version: the last one may have died between its comets and its header', async () => {
      const world = twoComets();
      await world.merge(3_000);
      await world.merge(3_000);
      expect(world.tables.headers.map(({ version }) => version)).toEqual([1, 1, 1, 2, 2, 2]);
    });

    it('calls no comet fresh until it has answered by itself', async () => {
      const world = twoComets();
      await world.merge(3_000);
      world.roomsByAddress.set('http://a', 'fails');
      await world.merge(10_000);
      expect(world.freshAt(3_000)).toEqual(['b']);
      expect(world.freshAt(12_000)).toEqual(['b']);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
    });

    it('keeps the time of the last good answer while the registry fails', async () => {
      const world = twoComets();
      await world.merge(3_000);
      world.registry = 'fails';
      await world.merge(3_000);
      expect(world.tables.headers.at(-1)).toMatchObject({ mergedAt: START + 5_000, fleetAt: START + 2_000 });
      expect(world.freshAt(5_000)).toEqual(['a', 'b']);
    });

    it('removes rooms of comets that the fleet does not know', async () => {
      const world = twoComets();
      world.tables.items.set('r1', item('r1', 'a', 'stranger'));
      world.tables.items.set('r7', item('r7', 'stranger'));
      await world.merge(3_000);
      expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a', 'b'] });
    });

    it('lets the schedule have one merge at a time, over an hour', async () => {
      const world = twoComets();
      const ends: string[] = [];
      for (let minute = 0; minute < 60; minute++) {
        const startNext = (): void => {
          void world.start(870_000, { owner: `m${minute}` }).then((end) => ends.push(`${minute} ${end}`));
        };
        world.after(minute * 60_000, startNext);
      }
      await world.clock.run(world.clock.sleep(3_600_000));
      expect(ends.filter((end) => end.endsWith('merged'))).toEqual([
        '0 merged',
        '14 merged',
        '28 merged',
        '42 merged',
      ]);
      const merged = world.tables.headers.map(({ mergedAt }) => mergedAt);
      const gaps = merged.slice(1).map((at, i) => at - (merged[i] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000);
    });
  });

  it('reports the age of each merge, flushes each minute, and sums up at the end', async () => {
    const world = twoComets();
    await world.merge(150_000);
    expect(world.metrics.filter(({ name }) => name === 'MergeAgeMs')).toHaveLength(150);
    expect(world.flushes).toBe(3);
    expect(world.lines).toEqual([
      { level: 'info', message: 'merge ended', fields: { passes: 150, roomWrites: 2, comets: 2, rooms: 2 } },
    ]);
  });

  it('names no room in its log', async () => {
    const world = createWorld(a);
    world.roomsByAddress.set('http://a', set('secret-room', 'secret-room'.repeat(100)));
    spoil(world, 'given-up-lost', (kind, _key, ms) => kind === 'room' && ms < 3_000);
    await world.merge(20_000);
    expect(JSON.stringify(world.lines)).not.toContain('secret');
    expect(world.lines.length).toBeGreaterThan(2);
  });

  it('closes every client at the end', async () => {
    const world = twoComets();
    await world.merge(3_000);
    expect(world.closed.sort()).toEqual(['http://a', 'http://b']);
  });
});
