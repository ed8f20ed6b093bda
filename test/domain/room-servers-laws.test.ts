import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOM_KEPT_S } from '../../lib/domain/limits.ts';
import { type RoomItem, RoomServers } from '../../lib/domain/room-servers.ts';
import { IDS, RoomTable, type Step, type WriteEnd } from './room-table.ts';

const NOW = 1_700_000_000_000;
const rooms = fc.constantFrom('r1', 'r2', 'r3', 'r4');
const ids = fc.constantFrom<string>(...IDS);
const list = fc.uniqueArray(rooms).map((names) => new Set<string>(names));
const ends = fc.array(
  fc.constantFrom<WriteEnd>('written', 'written', 'unwritten', 'arrived', 'lost', 'late'),
  { minLength: 1, maxLength: 4 },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), id: ids, list }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), ends }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1000, 9_999, 31_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), id: ids }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), id: ids }) },
);
const steps = fc.array(step, { maxLength: 40 });

const table = fc.uniqueArray(
  fc.record({
    room: rooms,
    comets: fc.subarray<string>([...IDS], { minLength: 1 }),
    expiresAt: fc.constant(NOW / 1000 + ROOM_KEPT_S),
  }),
  { selector: ({ room }) => room },
);

type Answer = { readonly id: string; readonly list: ReadonlySet<string> };

/** What a pass writes, whoever is fresh after it, and what is held then. */
const pass = (items: readonly RoomItem[], answers: readonly Answer[]): unknown => {
  const servers = new RoomServers();
  for (const item of items) servers.found(item, NOW);
  for (const id of IDS) servers.join(id);
  for (const { id, list } of answers) servers.answered(id, list, NOW);
  const { additions, others } = servers.due(NOW);
  for (const item of [...additions, ...others]) servers.written(item, NOW);
  const sorted = (due: readonly RoomItem[]) =>
    new Map(due.map(({ room, comets }) => [room, new Set(comets)]));
  return [sorted(additions), sorted(others), servers.fresh(NOW), servers.size];
};

describe('RoomServers, in general', () => {
  it('do not mind the order in which comets answer, nor an answer that comes twice', () => {
    const answers = fc.uniqueArray(fc.record({ id: ids, list }), { selector: ({ id }) => id });
    const orders = answers.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    fc.assert(
      fc.property(table, orders, (items, [inOrder, shuffled]) => {
        expect(pass(items, shuffled)).toEqual(pass(items, inOrder));
      }),
    );
  });

  it('keep every room of a comet that does not answer, whatever the others do', () => {
    const silent = 'a';
    const others = steps.map((all) => all.filter((next) => !('id' in next) || next.id !== silent));
    fc.assert(
      fc.property(list, others, (before, all) => {
        const world = new RoomTable();
        world.run({ kind: 'answer', id: silent, list: before });
        world.run({ kind: 'write', ends: ['written'] });
        for (const next of all) world.run(next);
        expect(world.missing(silent)).toEqual([]);
      }),
    );
  });

  it('call a comet fresh only while the table holds all its rooms, whatever becomes of writes', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new RoomTable();
        for (const next of all) {
          world.run(next);
          const fresh = [...world.servers.fresh(world.now)];
          expect(fresh.filter((id) => !world.live.has(id))).toEqual([]);
          expect(fresh.flatMap((id) => world.missing(id))).toEqual([]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('come to hold exactly the lists of the live comets, all of them fresh, once writes succeed', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new RoomTable();
        for (const next of all) world.run(next);
        world.calm();
        expect(world.held()).toEqual(world.wanted());
        expect(world.servers.fresh(world.now)).toEqual(world.live);
      }),
      { numRuns: 1000 },
    );
  });
});
