import { expect, test } from 'vitest';
import { apartFrom } from '../../lib/domain/lanes.ts';
import type { Op } from '../../lib/domain/op.ts';
import { toAll, toKeys, toRoom } from '../parking/ops.ts';

const ids = (ops: readonly Op[]): string[] => ops.map(({ id }) => id);

test('ops apart share no key, room or broadcast with the op that they pass', () => {
  const others = [toKeys(2, ['a', 'b']), toKeys(3, ['c']), toRoom(4)];
  expect(ids(apartFrom(toKeys(1, ['a']), others))).toEqual(['t/0/3', 't/0/4']);
  expect(ids(apartFrom(toRoom(1, 'x'), [toRoom(2, 'x'), toRoom(3, 'y')]))).toEqual(['t/0/3']);
  expect(ids(apartFrom(toAll(1), [toAll(2), toRoom(3)]))).toEqual(['t/0/3']);
});

test('nor with an op before them, which they would pass too', () => {
  const others = [toKeys(2, ['a', 'b']), toKeys(3, ['b']), toKeys(4, ['b', 'c']), toKeys(5, ['d'])];
  expect(ids(apartFrom(toKeys(1, ['a']), others))).toEqual(['t/0/5']);
});

test('there may be none', () => {
  expect(apartFrom(toRoom(1), [toRoom(2), toRoom(3)])).toEqual([]);
});
