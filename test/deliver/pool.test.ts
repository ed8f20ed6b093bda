import { beforeEach, expect, test } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { createPool, type Pool } from '../../lib/deliver/pool.ts';
import type { Comet } from '../../lib/domain/fleet.ts';
import { MAX_OPEN_CALLS } from '../../lib/domain/limits.ts';

let opened: string[];
let closed: string[];
let pool: Pool;

const cometOf = (index: number, address = `http://c${index}`): Comet => ({
  id: `c${index}`,
  addresses: [address],
});

const openComet = ({ addresses: [address = ''] }: Comet): CometClient => {
  opened.push(address);
  return {
    deliver: () => Promise.reject(new Error('not asked')),
    rooms: () => Promise.reject(new Error('not asked')),
    close: () => closed.push(address),
  };
};

beforeEach(() => {
  opened = [];
  closed = [];
  pool = createPool(openComet);
});

const touch = (comet: Comet) => pool.use(comet, async () => {});
/** A call that lasts until `end`. */
const call = (comet: Comet) => {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  return { ended: pool.use(comet, () => promise), end };
};

test('keeps as many clients as may be called at once, and closes the least recently used', async () => {
  for (let index = 0; index < MAX_OPEN_CALLS; index++) await touch(cometOf(index));
  await touch(cometOf(0));
  await touch(cometOf(MAX_OPEN_CALLS));
  expect(closed).toEqual(['http://c1']);
  await touch(cometOf(0));
  expect(opened.length).toBe(MAX_OPEN_CALLS + 1);
});

test('closes no client under a call', async () => {
  const slow = call(cometOf(0));
  for (let index = 1; index <= MAX_OPEN_CALLS; index++) await touch(cometOf(index));
  expect(closed).toEqual(['http://c1']);
  slow.end();
  await slow.ended;
  expect(closed).toEqual(['http://c1']);
});

test('lets the calls at an address end that is no longer the comet’s, and then closes it', async () => {
  const slow = call(cometOf(0, 'http://old'));
  await touch(cometOf(0, 'http://new'));
  expect(closed).toEqual([]);
  slow.end();
  await slow.ended;
  expect(closed).toEqual(['http://old']);
});

test.each([
  ['other addresses', ['http://a', 'http://b'], ['http://a', 'http://c']],
  ['another order', ['http://a', 'http://b'], ['http://b', 'http://a']],
  ['the same letters, cut differently', ['http://ab', 'c'], ['http://a', 'bc']],
])('opens a comet anew that has %s', async (_name, before, after) => {
  await touch({ id: 'c', addresses: before });
  await touch({ id: 'c', addresses: before });
  await touch({ id: 'c', addresses: after });
  expect(opened).toEqual([before[0], after[0]]);
  expect(closed).toEqual([before[0]]);
});
