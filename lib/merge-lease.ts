import { CLOCK_MARGIN_MS, HANDOVER_MS, LEASE_MS, MERGE_INTERVAL_MS, WRITE_LIFE_MS } from './domain/limits.ts';
import { ServiceError } from './errors.ts';

/** Who merges, and until when; `endsAt` is when the owner plans to end. Times in ms. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly until: number;
  readonly endsAt: number;
}

/** Rejects with the store's `ServiceError`s; each write is one attempt. */
export interface LeaseStore {
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free, ran out before `ranOutBefore`, or is the owner's own. */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  renew(lease: Lease): Promise<boolean>;
  release(name: string, owner: string): Promise<boolean>;
}

export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface LeaseDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  /** Another one each time. */
  readonly owner: () => string;
}

/** The right to write. */
export interface MergeLease {
  /** A write that starts later than this from now could outlive the lease. */
  timeToWriteMs(): number;
  /** While the store does not answer, the lease goes on as it is. Throws `LEASE_LOST`. */
  renew(): Promise<void>;
  /** A write was given up and may yet arrive: the next owner has to wait for that. */
  gaveUpWrite(): void;
  release(): Promise<void>;
}

const LEASE_NAME = 'merge-rooms';

const lost = (): ServiceError =>
  new ServiceError('LEASE_LOST', 'Another merge has taken the lease', { retryable: true });

/** Undefined if the store cannot say now. */
const answered = async (call: Promise<boolean>): Promise<boolean | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ServiceError && error.retryable) return undefined;
    throw error;
  }
};

const heldLease = ({ leases, clock }: LeaseDeps, first: Lease): MergeLease => {
  let { until } = first;
  let lastGivenUpAt = Number.NEGATIVE_INFINITY;
  let isLost = false;
  return {
    timeToWriteMs: () => until - WRITE_LIFE_MS - clock.now(),
    renew: async () => {
      const next = { ...first, until: clock.now() + LEASE_MS };
      const renewed = await answered(leases.renew(next));
      isLost = renewed === false;
      if (isLost) throw lost();
      if (renewed) until = next.until;
    },
    gaveUpWrite: () => {
      lastGivenUpAt = clock.now();
    },
    release: async () => {
      // Unreleased, it runs out by itself, later than any write that was given up can arrive.
      if (isLost || clock.now() - lastGivenUpAt < WRITE_LIFE_MS) return;
      await answered(leases.release(first.name, first.owner));
    },
  };
};

/**
 * Waits until no other owner can write any more, and takes the lease.
 * Undefined while another has it and does not end soon, or if `endsAt` comes first.
 */
export const takeLease = async (deps: LeaseDeps, endsAt: number): Promise<MergeLease | undefined> => {
  const { leases, clock } = deps;
  const owner = deps.owner();
  while (clock.now() < endsAt) {
    const current = await leases.read(LEASE_NAME);
    const now = clock.now();
    const ranOutBefore = now - CLOCK_MARGIN_MS;
    const isFree = current === undefined || current.owner === owner || current.until < ranOutBefore;
    const lease = { name: LEASE_NAME, owner, until: now + LEASE_MS, endsAt };
    if (isFree && (await answered(leases.acquire(lease, ranOutBefore)))) return heldLease(deps, lease);
    if (!isFree && current.endsAt - now > HANDOVER_MS) return undefined;
    await clock.sleep(MERGE_INTERVAL_MS);
  }
  return undefined;
};
