import { CLOCK_MARGIN_MS, LEASE_MS } from '../domain/limits.ts';
import type { Wake } from '../domain/wake.ts';
import { answered, type HeldLease, holdLease, type LeaseDeps, type LeaseStore } from '../lease.ts';

export interface RedeliverLeases extends LeaseStore {
  /** Tells the owner, or who comes after it, of more work; false if the lease was released. */
  wake(name: string, work: readonly string[]): Promise<boolean>;
}

/** Between a lease that is not free and one that has no owner to wake, it was released: then it can be taken. */
const TRIES = 3;

/** The comet's lease; undefined: another one has it, and has been told of these partitions, or asked to give it up. */
export const takeOrWake = async (
  deps: Omit<LeaseDeps, 'leases'> & { readonly leases: RedeliverLeases },
  { comet, partitions }: Wake,
  endsAt: number,
): Promise<HeldLease | undefined> => {
  const { leases, clock, fingerprint } = deps;
  const name = `redeliver#${comet}`;
  const owner = deps.owner();
  for (let tries = 0; tries < TRIES; tries++) {
    const now = clock.now();
    const lease = { name, owner, fingerprint, until: now + LEASE_MS, endsAt };
    const taken = await answered(leases.acquire(lease, now - CLOCK_MARGIN_MS));
    if (taken) return holdLease(deps, lease);
    if (taken === undefined) continue;
    await answered(leases.ask(lease));
    if (partitions.length === 0 || (await leases.wake(name, partitions))) return undefined;
  }
  return undefined;
};
