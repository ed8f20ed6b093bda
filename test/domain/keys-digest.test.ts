import { expect, test } from 'vitest';
import { keysDigest } from '../../lib/domain/keys-digest.ts';

test('a digest is 16 digits of hex, whatever it begins with', () => {
  const digests = Array.from({ length: 500 }, (_, index) => keysDigest([`k${index}`]));
  expect(digests.filter((digest) => !/^[0-9a-f]{16}$/.test(digest))).toEqual([]);
  expect(digests.some((digest) => digest.startsWith('0'))).toBe(true);
});

test('other keys, another order or another cut of the same letters have another digest', () => {
  const lists = [[], [''], ['a'], ['b'], ['a', 'b'], ['b', 'a'], ['ab'], ['a,b']];
  expect(new Set(lists.map(keysDigest)).size).toBe(lists.length);
  expect(keysDigest(['a', 'b'])).toBe(keysDigest(['a', 'b']));
});
