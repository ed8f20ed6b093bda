import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../lib/domain/push-message.ts';
import { createRouter, type RoomRouting, speedShare, type View } from '../../lib/domain/route.ts';

const view = (
  live: readonly string[],
  fresh: readonly string[] = live,
  rooms: Readonly<Record<string, readonly string[]>> = {},
): View => ({
  comets: new Map(live.map((id) => [id, { id, addresses: [`http://${id}`] }])),
  fresh: new Set(fresh),
  cometsByRoom: new Map(Object.entries(rooms).map(([room, comets]) => [room, new Set(comets)])),
});

const routed = (target: Target, known: View, routing: RoomRouting = 'table'): readonly string[] | string => {
  const route = createRouter(known, routing)(target);
  return route.kind === 'comets' ? route.comets.map(({ id }) => id) : route.kind;
};
const room = (name: string): Target => ({ type: 'room', room: name });
const push = (comet: string): Target => ({ type: 'push', comet, keys: ['k'] });

describe('a push', () => {
  test('goes to the comet that it names', () => {
    expect(routed(push('b'), view(['a', 'b']))).toEqual(['b']);
  });

  test('has no route while its comet is not in the fleet', () => {
    expect(routed(push('c'), view(['a', 'b']))).toBe('comet-unknown');
  });
});

describe('a room message', () => {
  test('goes to the comets that have the room', () => {
    expect(routed(room('r'), view(['a', 'b', 'c'], ['a', 'b', 'c'], { r: ['a', 'c'] }))).toEqual(['a', 'c']);
  });

  test('goes to every comet that is not fresh, too: it may have the room by now', () => {
    expect(routed(room('r'), view(['a', 'b', 'c'], ['a', 'c'], { r: ['a'] }))).toEqual(['a', 'b']);
  });

  test('goes to all comets if nobody is known to have the room', () => {
    expect(routed(room('new'), view(['a', 'b']))).toEqual(['a', 'b']);
  });

  test('goes to all comets if those that had the room have left the fleet', () => {
    expect(routed(room('r'), view(['b', 'c'], ['b', 'c'], { r: ['a'] }))).toEqual(['b', 'c']);
  });

  test('goes to all comets with ROOM_ROUTING=all', () => {
    expect(routed(room('r'), view(['a', 'b'], ['a', 'b'], { r: ['a'] }), 'all')).toEqual(['a', 'b']);
  });

  test('has no route while there is no live comet', () => {
    expect(routed(room('r'), view([]))).toBe('fleet-unknown');
  });
});

describe('a broadcast', () => {
  test('goes to every live comet', () => {
    expect(routed({ type: 'all', speed: 0 }, view(['a', 'b']))).toEqual(['a', 'b']);
  });

  test('has no route while there is no live comet', () => {
    expect(routed({ type: 'all', speed: 9 }, view([]))).toBe('fleet-unknown');
  });

  test.each([
    [500, 2, 250],
    [3, 2, 1],
    [1, 20, 1],
    [0, 20, 0],
  ])(
    'of speed %i over %i comets asks %i of each, and never 0, which is unlimited',
    (speed, comets, share) => {
      expect(speedShare(speed, comets)).toBe(share);
    },
  );
});

const ids = fc.subarray(['a', 'b', 'c', 'd', 'e']);
const anyView = fc.record({ live: ids, fresh: ids, had: ids });

test('a route names live comets only, each once', () => {
  const target = fc.constantFrom<Target>(room('r'), push('a'), { type: 'all', speed: 1 });
  fc.assert(
    fc.property(
      anyView,
      target,
      fc.constantFrom<RoomRouting>('table', 'all'),
      ({ live, fresh, had }, to, routing) => {
        const names = routed(to, view(live, fresh, { r: had }), routing);
        if (typeof names === 'string') return;
        expect(names.every((id) => live.includes(id))).toBe(true);
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBeGreaterThan(0);
      },
    ),
  );
});

test('a live comet is skipped for a room only if its list is fresh and does not have the room', () => {
  fc.assert(
    fc.property(anyView, ({ live, fresh, had }) => {
      const names = routed(room('r'), view(live, fresh, { r: had }));
      const skipped = live.filter((id) => !names.includes(id));
      expect(skipped.every((id) => fresh.includes(id) && !had.includes(id))).toBe(true);
    }),
  );
});
