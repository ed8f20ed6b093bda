import { type Lease, mayAsk, mayTake } from '../domain/lease.ts';
import { CLOCK_MARGIN_MS, HANDOVER_MS, LEASE_MS, MERGE_INTERVAL_MS } from '../domain/limits.ts';
import { answered, type HeldLease, holdLease, type LeaseDeps } from '../lease.ts';

const LEASE_NAME = 'merge-rooms';

/** Whether the lease will soon be this one's: its owner ends, or is asked to. */
const isWorthWaiting = async (
  { leases }: LeaseDeps,
  current: Lease,
  lease: Lease,
  now: number,
): Promise<boolean> => {
  const { ask = '' } = current;
  if (ask > lease.owner) return false;
  if (!mayAsk(current, lease)) return ask === lease.owner || current.endsAt - now <= HANDOVER_MS;
  await answered(leases.ask(lease));
  return true;
};

/**
 * Waits until no other owner can write any more, and takes the lease.
 * Undefined while another has it and neither ends soon nor is asked to, or if `endsAt` or one that started later comes first.
 */
export const takeLease = async (deps: LeaseDeps, endsAt: number): Promise<HeldLease | undefined> => {
  const { leases, clock, fingerprint } = deps;
  const owner = deps.owner();
  while (clock.now() < endsAt) {
    const current = await leases.read(LEASE_NAME);
    const now = clock.now();
    const ranOutBefore = now - CLOCK_MARGIN_MS;
    const lease = { name: LEASE_NAME, owner, fingerprint, until: now + LEASE_MS, endsAt };
    const isFree = current === undefined || mayTake(current, owner, ranOutBefore);
    if (isFree && (await answered(leases.acquire(lease, ranOutBefore)))) return holdLease(deps, lease);
    if (!isFree && !(await isWorthWaiting(deps, current, lease, now))) return undefined;
    await clock.sleep(MERGE_INTERVAL_MS);
  }
  return undefined;
};
