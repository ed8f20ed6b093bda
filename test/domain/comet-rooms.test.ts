import { describe, expect, test } from 'vitest';
import {
  type CometRooms,
  isFresh,
  join,
  newCometRooms,
  settleRoom,
  takeList,
} from '../../lib/domain/comet-rooms.ts';
import { ROOMS_FRESH_MS } from '../../lib/domain/limits.ts';

const NOW = 1_700_000_000_000;
const set = (...rooms: string[]): Set<string> => new Set(rooms);
const live = (more: Partial<CometRooms> = {}): CometRooms => ({ ...newCometRooms(), left: false, ...more });

describe('a room that a comet does not list', () => {
  test('is not counted as absent while nobody knows what the table holds', () => {
    const comet = live();
    settleRoom(comet, 'r', 'doubtful', NOW);
    expect(comet.absentSince.size).toBe(0);
  });

  test('is absent since the first answer without it', () => {
    const comet = live();
    settleRoom(comet, 'r', 'held', NOW);
    settleRoom(comet, 'r', 'held', NOW + 1_000);
    expect(comet.absentSince).toEqual(new Map([['r', NOW]]));
  });

  test('is not absent any more once the table has it not', () => {
    const comet = live();
    settleRoom(comet, 'r', 'held', NOW);
    settleRoom(comet, 'r', 'not-held', NOW + 1_000);
    expect(comet.absentSince.size).toBe(0);
  });
});

test('of a list only what came and what went is looked at', () => {
  const comet = live({ list: set('r1', 'r2') });
  const looked: string[] = [];
  takeList(comet, set('r2', 'r3'), NOW, (room) => {
    looked.push(room);
    return 'held';
  });
  expect(looked.toSorted()).toEqual(['r1', 'r3']);
});

test('a comet that moves keeps its list and what is absent, and has yet to answer', () => {
  const comet = live({ list: set('r1'), askedAt: NOW, absentSince: new Map([['r2', NOW]]) });
  join(comet, () => 'not-held');
  expect(comet).toEqual(live({ list: set('r1'), absentSince: new Map([['r2', NOW]]) }));
});

test.each<[string, Partial<CometRooms>, boolean]>([
  ['that has answered by now', { askedAt: NOW - ROOMS_FRESH_MS }, true],
  ['whose answer is older', { askedAt: NOW - ROOMS_FRESH_MS - 1 }, false],
  ['that has not answered', { askedAt: undefined }, false],
  ['that has left', { askedAt: NOW, left: true }, false],
  ['with a room that the table has not', { askedAt: NOW, pending: set('r') }, false],
])('whether a comet %s is fresh', (_name, more, fresh) => {
  expect(isFresh(live(more), NOW)).toBe(fresh);
});
