import { CLOCK_MARGIN_MS, HANDOVER_MS, LEASE_MS, MERGE_INTERVAL_MS } from '../domain/limits.ts';
import { answered, type HeldLease, holdLease, type LeaseDeps } from '../lease.ts';

const LEASE_NAME = 'merge-rooms';

/**
 * Waits until no other owner can write any more, and takes the lease.
 * Undefined while another has it and does not end soon, or if `endsAt` comes first.
 */
export const takeLease = async (deps: LeaseDeps, endsAt: number): Promise<HeldLease | undefined> => {
  const { leases, clock } = deps;
  const owner = deps.owner();
  while (clock.now() < endsAt) {
    const current = await leases.read(LEASE_NAME);
    const now = clock.now();
    const ranOutBefore = now - CLOCK_MARGIN_MS;
    const isFree = current === undefined || current.owner === owner || current.until < ranOutBefore;
    const lease = { name: LEASE_NAME, owner, until: now + LEASE_MS, endsAt };
    if (isFree && (await answered(leases.acquire(lease, ranOutBefore)))) return holdLease(deps, lease);
    if (!isFree && current.endsAt - now > HANDOVER_MS) return undefined;
    await clock.sleep(MERGE_INTERVAL_MS);
  }
  return undefined;
};
