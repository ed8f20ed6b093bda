import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../lib/errors.ts';
import { type Kind, openSession } from './memory-tables.ts';
import { comet, createWorld, fleetOf, START, type World } from './world.ts';

const a = comet('a');
const b = comet('b');
const set = (...rooms: string[]): Set<string> => new Set(rooms);
const THROTTLED = new ServiceError('STORE_THROTTLED', 'throttled', { retryable: true });

const twoComets = (): World => {
  const world = createWorld(a, b);
  world.roomsByAddress.set('http://a', set('r1'));
  world.roomsByAddress.set('http://b', set());
  return world;
};

/** Refuses the writes that match from one time to another, ms after the start. */
const refuse = (world: World, from: number, to: number, matches: (kind: Kind, key: string) => boolean) => {
  world.tables.fate = (kind, key) => {
    const ms = world.clock.now() - START;
    return ms >= from && ms < to && matches(kind, key) ? 'refused' : 'done';
  };
};

/** What was said but for the summary at the end, as `level: message (subject) reason`. */
const said = ({ lines }: World): string[] =>
  lines
    .filter(({ message }) => message !== 'merge ended')
    .map(({ level, message, fields }) =>
      `${level}: ${message} (${fields['subject']}) ${fields['code'] ?? fields['failure'] ?? ''}`.trim(),
    );

const failing = (world: World, times: number, error: Error) => {
  let left = times;
  return <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (world.clock.now() > START + 5_000 && left-- > 0) throw error;
      return work(...args);
    };
};

describe('the merge says once what goes wrong, and once that it is well again,', () => {
  it('of a room that cannot be added', async () => {
    const world = twoComets();
    refuse(world, 5_000, 8_500, (_kind, key) => key === 'r2');
    world.after(4_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2')));
    await world.merge(12_000);
    expect(said(world)).toEqual([
      'warn: not all writes were done (room additions) STORE_THROTTLED',
      'info: well again (room additions)',
    ]);
  });

  it('of a room that cannot be taken away', async () => {
    const world = twoComets();
    refuse(world, 30_000, 42_500, (kind) => kind === 'room');
    world.after(8_500, () => world.roomsByAddress.set('http://a', set()));
    await world.merge(50_000);
    expect(said(world)).toEqual([
      'warn: not all writes were done (other room writes) STORE_THROTTLED',
      'info: well again (other room writes)',
    ]);
    expect(world.rooms()).toEqual({});
  });

  it('of a comet that cannot be written', async () => {
    const world = twoComets();
    refuse(world, 5_000, 8_500, (kind, key) => kind === 'comet' && key === 'c');
    world.after(4_500, () => {
      world.registry = fleetOf(a, b, comet('c'));
    });
    await world.merge(12_000);
    expect(said(world)).toEqual([
      'warn: not all writes were done (fleet changes) STORE_THROTTLED',
      'info: well again (fleet changes)',
    ]);
  });

  it('of a header that cannot be written, and counts no age for it', async () => {
    const world = twoComets();
    refuse(world, 5_000, 7_500, (kind) => kind === 'header');
    await world.merge(12_000);
    expect(said(world)).toEqual([
      'warn: a step of the merge failed (write of the header) STORE_THROTTLED',
      'info: well again (write of the header)',
    ]);
    expect(world.metrics).toHaveLength(9);
  });

  it('of a header in the table that is newer, and counts no age while it is', async () => {
    const world = twoComets();
    world.after(4_500, () => {
      const newer = { version: 1, mergedAt: START + 7_500, fleetAt: START, fresh: set(), silent: set() };
      world.tables.headers.push(newer);
    });
    await world.merge(12_000);
    expect(said(world)).toEqual([
      'warn: the header in the table is newer (header)',
      'info: well again (header)',
    ]);
    expect(world.metrics).toHaveLength(9);
  });

  it('of a fleet that cannot be read after a doubt', async () => {
    const world = twoComets();
    world.tables.fate = (kind, key) =>
      kind === 'comet' && key === 'c' && world.clock.now() < START + 5_500 ? 'given-up-done' : 'done';
    world.after(4_500, () => {
      world.registry = fleetOf(a, b, comet('c'));
    });
    const session = openSession(world.tables, world.clock);
    const readComets = failing(world, 2, THROTTLED)(session.fleet.readComets);
    await world.merge(20_000, { stores: { ...session, fleet: { ...session.fleet, readComets } } });
    expect(said(world).filter((line) => line.includes('read of the fleet'))).toEqual([
      'warn: a step of the merge failed (read of the fleet) STORE_THROTTLED',
      'info: well again (read of the fleet)',
    ]);
    expect(world.freshAt(19_000)).toEqual(['a', 'b', 'c']);
  });

  it('of rooms that cannot be read after a doubt', async () => {
    const world = twoComets();
    world.tables.fate = (_kind, key) =>
      key === 'r2' && world.clock.now() < START + 5_500 ? 'given-up-lost' : 'done';
    world.after(4_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2')));
    const session = openSession(world.tables, world.clock);
    const readRooms = failing(world, 2, THROTTLED)(session.rooms.readRooms);
    await world.merge(20_000, { stores: { ...session, rooms: { ...session.rooms, readRooms } } });
    expect(said(world).filter((line) => line.includes('read of rooms'))).toEqual([
      'warn: a step of the merge failed (read of rooms) STORE_THROTTLED',
      'info: well again (read of rooms)',
    ]);
    expect(world.rooms()).toEqual({ r1: ['a'], r2: ['a'] });
  });

  it('of a registry that fails, names nobody, or hangs, whichever was first', async () => {
    const reasons = { fails: 'REGISTRY_FAILED: failed', hangs: 'COMET_TIMEOUT' } as const;
    for (const [how, reason] of Object.entries(reasons) as ['fails' | 'hangs', string][]) {
      const world = twoComets();
      world.after(4_500, () => {
        world.registry = how;
      });
      world.after(8_500, () => {
        world.registry = fleetOf(a, b);
      });
      await world.merge(12_000);
      expect(said(world)).toEqual([
        `warn: the registry names no fleet, so the last one stays (registry) ${reason}`,
        'info: well again (registry)',
      ]);
    }
    const world = createWorld();
    await world.merge(3_000);
    expect(world.lines[0]).toEqual({
      level: 'warn',
      message: 'the registry names no fleet',
      fields: { subject: 'registry', registry: 'discovery', env: 'prod', failure: 'nobody is named' },
    });
  });

  it('of entries that are refused, each with its problem', async () => {
    const world = twoComets();
    world.registry = {
      comets: [a, b],
      refused: [
        { id: 'c', problem: 'it has no address' },
        { id: '', problem: 'the id is empty' },
      ],
    };
    world.after(4_500, () => {
      world.registry = fleetOf(a, b);
    });
    await world.merge(8_000);
    expect(said(world)).toEqual([
      'warn: registry entries refused: c: it has no address; : the id is empty (registry entries)',
      'info: well again (registry entries)',
    ]);
  });

  it('of room ids that the table cannot hold', async () => {
    const world = twoComets();
    world.roomsByAddress.set('http://b', set(''));
    world.after(4_500, () => world.roomsByAddress.set('http://b', set()));
    await world.merge(8_000);
    expect(said(world)).toEqual([
      'warn: a comet has room ids that the table cannot hold (room ids of b)',
      'info: well again (room ids of b)',
    ]);
  });

  it('of a comet that does not answer in time, and anew of one that left meanwhile and came back', async () => {
    const world = twoComets();
    world.roomsByAddress.set('http://b', 'hangs-deaf');
    world.after(4_500, () => {
      world.registry = fleetOf(a);
    });
    world.after(24_500, () => {
      world.registry = fleetOf(a, b);
    });
    await world.merge(30_000);
    const warning = 'warn: a comet does not answer with its rooms (comet b) COMET_TIMEOUT';
    expect(said(world)).toEqual([warning, warning]);
  });
});

it('a bug in a step ends the merge', async () => {
  const world = twoComets();
  world.tables.fate = (_kind, key) =>
    key === 'r2' && world.clock.now() < START + 5_500 ? 'given-up-lost' : 'done';
  world.after(4_500, () => world.roomsByAddress.set('http://a', set('r1', 'r2')));
  const session = openSession(world.tables, world.clock);
  const readRooms = failing(world, 1, new TypeError('a bug'))(session.rooms.readRooms);
  await expect(
    world.merge(20_000, { stores: { ...session, rooms: { ...session.rooms, readRooms } } }),
  ).rejects.toThrow(TypeError);
});
