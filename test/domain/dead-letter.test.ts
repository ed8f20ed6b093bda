import { describe, expect, test } from 'vitest';
import { isDeadLetter, opLetters } from '../../lib/domain/dead-letter.ts';
import { toKeys, toRoom } from '../parking/ops.ts';

const idsOf = (...args: Parameters<typeof opLetters>): string[] => opLetters(...args).map(({ id }) => id);

describe('the letter of an op', () => {
  test('has the same id each time, so that a batch that comes again adds none', () => {
    const refused = { reason: 'refused' } as const;
    expect(idsOf(toRoom(1), 'a', refused)).toEqual(['t/0/1#a#refused']);
    expect(idsOf(toKeys(1, ['x', 'y']), 'a', refused)).toEqual(idsOf(toKeys(1, ['x', 'y']), 'a', refused));
  });

  test('has another one for another comet, reason, and list of keys', () => {
    const ids = [
      ...idsOf(toKeys(1, ['x']), 'a', { reason: 'refused' }),
      ...idsOf(toKeys(1, ['y']), 'a', { reason: 'refused' }),
      ...idsOf(toKeys(1, ['x']), 'b', { reason: 'refused' }),
      ...idsOf(toKeys(1, ['x']), 'a', { reason: 'gone' }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test('is one a slow key, and that of a replay for this key alone is the same', () => {
    const slow = { reason: 'slow', keys: ['x', 'y'] } as const;
    const letters = opLetters(toKeys(1, ['x', 'y', 'z']), 'a', slow);
    expect(letters.map(({ original }) => JSON.parse(original).keys)).toEqual([['x'], ['y']]);
    expect(idsOf(toKeys(1, ['y']), 'a', { reason: 'slow', keys: ['y'] })).toEqual([letters[1]?.id]);
  });

  test('is whole: whose it is, where it comes from, why, and the op as it was to go', () => {
    const op = toRoom(1);
    const letter = {
      id: 't/0/1#a#refused',
      kind: 'op',
      reason: 'refused',
      topic: 't',
      partition: 0,
      offset: 1,
      timestamp: op.timestamp,
      comet: 'a',
      original: JSON.stringify(op),
    };
    expect(opLetters(op, 'a', { reason: 'refused' })).toStrictEqual([letter]);
    expect(opLetters(op, 'a', { reason: 'refused', detail: 'no' })).toStrictEqual([
      { ...letter, detail: 'no' },
    ]);
  });

  test('shows no key', () => {
    expect(idsOf(toKeys(1, ['secret']), 'a', { reason: 'refused' }).join()).not.toContain('secret');
  });
});

test('what is gone is a letter only if it was for somebody, and what has expired never is', () => {
  expect([isDeadLetter('gone', 'push'), isDeadLetter('gone', 'room'), isDeadLetter('gone', 'all')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([isDeadLetter('expired', 'push'), isDeadLetter('parked-too-long', 'room')]).toEqual([false, true]);
});
