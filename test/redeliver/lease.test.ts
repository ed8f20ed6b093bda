import { beforeEach, expect, test } from 'vitest';
import type { Lease } from '../../lib/domain/lease.ts';
import { CLOCK_MARGIN_MS, LEASE_MS } from '../../lib/domain/limits.ts';
import { ServiceError } from '../../lib/errors.ts';
import { takeOrWake } from '../../lib/redeliver/lease.ts';

const NOW = 1_700_000_000_000;
const ENDS_AT = NOW + 870_000;
const LEASE: Lease = {
  name: 'redeliver#a',
  owner: 'me',
  fingerprint: 'new',
  until: NOW + LEASE_MS,
  endsAt: ENDS_AT,
};

let taken: boolean | 'unanswered';
let isThere: boolean;
let acquired: [Lease, number][];
let woken: [string, readonly string[]][];
let asks: Lease[];

const take = (...partitions: string[]) => {
  const not = () => Promise.reject(new Error('not asked for'));
  const leases = {
    acquire: async (lease: Lease, ranOutBefore: number) => {
      acquired.push([lease, ranOutBefore]);
      if (taken !== 'unanswered') return taken;
      throw new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true });
    },
    wake: async (name: string, work: readonly string[]) => {
      woken.push([name, work]);
      return isThere;
    },
    ask: async (lease: Lease) => {
      asks.push(lease);
      return true;
    },
    read: not,
    renew: not,
    giveUp: not,
    release: not,
  };
  const clock = { now: () => NOW, sleep: not };
  return takeOrWake(
    { leases, clock, owner: () => 'me', fingerprint: 'new' },
    { comet: 'a', partitions },
    ENDS_AT,
  );
};

beforeEach(() => {
  [taken, isThere, acquired, woken, asks] = [true, true, [], [], []];
});

test('a lease is asked for until LEASE_MS from now, of one that ran out before the margin of two clocks', async () => {
  expect(await take('t-0')).toBeDefined();
  expect([acquired, woken, asks]).toEqual([[[LEASE, NOW - CLOCK_MARGIN_MS]], [], []]);
});

test('an owner is asked to give it up, before it is woken', async () => {
  taken = false;
  expect(await take('t-0')).toBeUndefined();
  expect([asks, woken.length]).toEqual([[LEASE], 1]);
});

test('its owner is woken for the partitions, once', async () => {
  taken = false;
  expect(await take('t-0', 't-1')).toBeUndefined();
  expect([acquired.length, woken]).toEqual([1, [['redeliver#a', ['t-0', 't-1']]]]);
});

test('nobody is woken for nothing', async () => {
  taken = false;
  expect(await take()).toBeUndefined();
  expect([acquired.length, woken]).toEqual([1, []]);
});

test('one that is neither free nor has an owner to wake is asked for three times', async () => {
  [taken, isThere] = [false, false];
  expect(await take('t-0')).toBeUndefined();
  expect([acquired.length, woken.length]).toEqual([3, 3]);
});

test('a store that does not answer is asked three times, and nobody is woken', async () => {
  taken = 'unanswered';
  expect(await take('t-0')).toBeUndefined();
  expect([acquired.length, woken.length]).toEqual([3, 0]);
});
