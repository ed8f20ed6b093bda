import type { Clock } from './clock.ts';
import type { Lease } from './domain/lease.ts';
import { LEASE_MS, WRITE_LIFE_MS } from './domain/limits.ts';
import { ServiceError } from './errors.ts';

/** Rejects with the store's `ServiceError`s; each write is one attempt. */
export interface LeaseStore {
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free, ran out before `ranOutBefore`, or is the owner's own. */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  /** What the owner was woken for since the last time; undefined if the lease is not its any more. */
  renew(lease: Lease): Promise<readonly string[] | undefined>;
  /** False if the lease is not the owner's any more, or if it was woken since it renewed. */
  release(name: string, owner: string): Promise<boolean>;
}

export interface LeaseDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  /** Another one each time. */
  readonly owner: () => string;
}

/** The right to write. */
export interface HeldLease {
  /** A write that starts later than this from now could outlive the lease. */
  timeToWriteMs(): number;
  /** Answers what it was woken for. While the store does not answer, the lease goes on as it is. Throws `LEASE_LOST`. */
  renew(): Promise<readonly string[]>;
  /** A write was given up and may yet arrive: the next owner has to wait for that. */
  gaveUpWrite(): void;
  /** False if it was woken since it renewed, and so goes on. */
  release(): Promise<boolean>;
}

const lost = (): ServiceError =>
  new ServiceError('LEASE_LOST', 'Another one has taken the lease over', { retryable: true });

/** Undefined: the store cannot say now. */
export const answered = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ServiceError && error.retryable) return undefined;
    throw error;
  }
};

const LOST = 'lost';

/** A lease that was just taken. */
export const holdLease = ({ leases, clock }: LeaseDeps, first: Lease): HeldLease => {
  let { until } = first;
  let lastGivenUpAt = Number.NEGATIVE_INFINITY;
  let isLost = false;
  return {
    timeToWriteMs: () => until - WRITE_LIFE_MS - clock.now(),
    renew: async () => {
      const next = { ...first, until: clock.now() + LEASE_MS };
      const renewed = await answered(leases.renew(next).then((woken) => woken ?? LOST));
      isLost = renewed === LOST;
      if (renewed === LOST) throw lost();
      if (renewed !== undefined) until = next.until;
      return renewed ?? [];
    },
    gaveUpWrite: () => {
      lastGivenUpAt = clock.now();
    },
    release: async () => {
      // Unreleased, it runs out by itself, later than any write that was given up can arrive.
      if (isLost || clock.now() - lastGivenUpAt < WRITE_LIFE_MS) return true;
      return (await answered(leases.release(first.name, first.owner))) ?? true;
    },
  };
};
