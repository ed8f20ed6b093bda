import { describe, expect, it } from 'vitest';
import type { FleetComet } from '../../lib/domain/fleet.ts';
import { absences, fleetChanges, fleetDifference } from '../../lib/domain/fleet-changes.ts';

const NOW = 1_700_000_000_000;
const a = { id: 'a', addresses: ['http://a1', 'http://a2'] };
const b = { id: 'b', addresses: ['http://b'], zone: 'z1' };
const known = (...comets: FleetComet[]) => new Map(comets.map((comet) => [comet.id, comet]));
const answer = (...comets: FleetComet[]) => ({ comets, refused: [] });
const NONE = new Map<string, number>();

describe('fleetChanges', () => {
  it('is nothing while the fleet is as it was', () => {
    expect(fleetChanges(known(a, b), NONE, answer(b, a), NOW)).toEqual([]);
  });

  it.each<[string, FleetComet]>([
    ['an address', { ...a, addresses: ['http://a1', 'http://a3'] }],
    ['one address less', { ...a, addresses: ['http://a1'] }],
    ['the order of the addresses', { ...a, addresses: ['http://a2', 'http://a1'] }],
    ['a zone', { ...a, zone: 'z2' }],
  ])('puts a comet that has changed %s', (_, changed) => {
    expect(fleetChanges(known(a, b), NONE, answer(changed, b), NOW)).toEqual([{ id: 'a', comet: changed }]);
  });

  it('puts a comet that is new, and one that had left', () => {
    expect(fleetChanges(known({ ...a, leftAt: NOW - 1 }), NONE, answer(a, b), NOW)).toEqual([
      { id: 'a', comet: a },
      { id: 'b', comet: b },
    ]);
  });

  it('marks a comet as left that has been absent for 10 s', () => {
    expect(fleetChanges(known(a, b), new Map([['a', NOW - 9_999]]), answer(b), NOW)).toEqual([]);
    expect(fleetChanges(known(a, b), new Map([['a', NOW - 10_000]]), answer(b), NOW)).toEqual([
      { id: 'a', comet: { ...a, leftAt: NOW } },
    ]);
  });

  it('deletes a comet that has left an hour ago', () => {
    const left = { ...a, leftAt: NOW - 3_600_000 };
    expect(fleetChanges(known(left, b), NONE, answer(b), NOW - 1)).toEqual([]);
    expect(fleetChanges(known(left, b), NONE, answer(b), NOW)).toEqual([{ id: 'a', comet: undefined }]);
  });

  it('keeps a comet that comes back after an hour', () => {
    const left = { ...a, leftAt: NOW - 3_600_000 };
    expect(fleetChanges(known(left, b), NONE, answer(a, b), NOW)).toEqual([{ id: 'a', comet: a }]);
  });
});

describe('absences', () => {
  it('begin with the first answer without a comet, and end when it is named again', () => {
    const first = absences(known(a, b), NONE, answer(b), NOW);
    expect(first).toEqual(new Map([['a', NOW]]));
    expect(absences(known(a, b), first, answer(b), NOW + 1000)).toEqual(first);
    expect(absences(known(a, b), first, answer(a, b), NOW + 2000)).toEqual(new Map());
  });

  it('leave out those who have left, and those whose entry is only bad', () => {
    const refused = { comets: [b], refused: [{ id: 'a', problem: 'it has no address' }] };
    expect(absences(known(a, b), NONE, refused, NOW)).toEqual(new Map());
    expect(absences(known({ ...a, leftAt: NOW }, b), NONE, answer(b), NOW)).toEqual(new Map());
  });
});

describe('fleetDifference', () => {
  it('is what came, went, changed or left', () => {
    const before = known(a, b, { ...a, id: 'gone' });
    const after = known(a, { ...b, leftAt: NOW }, { ...a, id: 'new' });
    expect(fleetDifference(before, after)).toEqual([
      { id: 'b', comet: { ...b, leftAt: NOW } },
      { id: 'gone', comet: undefined },
      { id: 'new', comet: { ...a, id: 'new' } },
    ]);
  });
});
