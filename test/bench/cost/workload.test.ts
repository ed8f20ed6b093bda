import { expect, test } from 'vitest';
import { clientMessagesPerS, cometsOfRoom, distinct, opsPerS } from '../../../bench/cost/workload.ts';
import { set } from './set.ts';

// Of a room's two members, the second is on the first one's comet half of the time.
const two = set({ connections: 4, comets: 2, rooms: 2, push: 1, room: 2, all: 3 });

test('a room is on as many comets as its members choose', () => {
  expect(cometsOfRoom(two)).toBe(1.5);
  expect(cometsOfRoom({ ...two, connections: 1_000_000 })).toBe(2);
});

test('a record is one op for each comet that gets it', () => {
  expect(opsPerS(two)).toBe(1 + 2 * 1.5 + 3 * 2);
});

test('a message reaches its connection, a room’s members, or everybody', () => {
  expect(clientMessagesPerS(two)).toBe(1 + 2 * 2 + 3 * 4);
});

test('one record meets its share, and many meet all', () => {
  expect(distinct(10, 0.2, 1)).toBeCloseTo(2, 10);
  expect(distinct(10, 0.1, 11)).toBeCloseTo(10 * (1 - 0.9 / Math.E), 10);
  expect(distinct(10, 0.1, 10_000)).toBeCloseTo(10, 10);
});
