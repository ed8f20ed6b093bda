import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lease, mayAsk, mayTake } from '../../lib/domain/lease.ts';

const owner = fc.constantFrom('1', '2', '3', '4');
const fingerprint = fc.constantFrom('a', 'b');
const invocation = fc.record({ owner, fingerprint });
const leaseOf = (held: { owner: string; fingerprint: string }, ask?: string): Lease => ({
  name: 'n',
  ...held,
  until: 30_000,
  endsAt: 0,
  ask,
});

test('of two that differ exactly the one that started later may ask the other', () => {
  fc.assert(
    fc.property(invocation, invocation, (one, two) => {
      const asks = [mayAsk(leaseOf(one), two), mayAsk(leaseOf(two), one)].filter(Boolean).length;
      expect(asks).toBe(one.owner !== two.owner && one.fingerprint !== two.fingerprint ? 1 : 0);
    }),
  );
});

test('a lease that was given up is never for one that started before who asked, until it has run out', () => {
  fc.assert(
    fc.property(owner, owner, (ask, who) => {
      const lease = leaseOf({ owner: '', fingerprint: '' }, ask);
      expect([mayTake(lease, who, 30_000), mayTake(lease, who, 30_001)]).toEqual([ask <= who, true]);
    }),
  );
});
