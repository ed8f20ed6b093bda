import type { Clock } from './clock.ts';
import type { Lease } from './domain/lease.ts';
import { LEASE_MS, WRITE_LIFE_MS } from './domain/limits.ts';
import { ServiceError } from './errors.ts';

export interface Renewal {
  /** What the owner was woken for since the last time. */
  readonly woken: readonly string[];
  /** Another code or configuration wants the lease. */
  readonly isAsked: boolean;
}

/** Rejects with the store's `ServiceError`s; each write is one attempt. */
export interface LeaseStore {
  read(name: string): Promise<Lease | undefined>;
  /** Takes a lease that is free (`mayTake`). */
  acquire(lease: Lease, ranOutBefore: number): Promise<boolean>;
  /** Undefined if the lease is not the owner's any more. */
  renew(lease: Lease): Promise<Renewal | undefined>;
  /** Asks the owner to give it up, if `mayAsk`. */
  ask(lease: Lease): Promise<boolean>;
  /** Leaves it to who has asked, with what the owner was woken for; false if it is not the owner's any more. */
  giveUp(name: string, owner: string): Promise<boolean>;
  /** False if the lease is not the owner's any more, or if it was woken since it renewed. */
  release(name: string, owner: string): Promise<boolean>;
}

export interface LeaseDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  /** Another one each time; who starts later sorts behind. */
  readonly owner: () => string;
  readonly fingerprint: string;
}

/** The right to write. */
export interface HeldLease {
  readonly owner: string;
  /** A write that starts later than this from now could outlive the lease. */
  timeToWriteMs(): number;
  /** Answers what it was woken for. While the store does not answer, the lease goes on as it is. Throws `LEASE_LOST`. */
  renew(): Promise<readonly string[]>;
  /** One with another code or configuration has asked for it: no new work. */
  isAsked(): boolean;
  /** A write was given up and may yet arrive: the next owner has to wait for that. */
  gaveUpWrite(): void;
  /** Gives it up if it was asked for. False if it was woken since it renewed, and so goes on. */
  release(): Promise<boolean>;
}

const lost = (): ServiceError =>
  new ServiceError('LEASE_LOST', 'Another one has taken the lease over', { retryable: true });

export const isLeaseLost = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === 'LEASE_LOST';

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
/** Not given up, a lease keeps its next owner waiting until it runs out. */
const GIVE_UP_TRIES = 3;

/** A lease that was just taken. */
export const holdLease = ({ leases, clock }: LeaseDeps, first: Lease): HeldLease => {
  const { name, owner } = first;
  let { until } = first;
  let lastGivenUpAt = Number.NEGATIVE_INFINITY;
  let isLost = false;
  let isAsked = false;

  const giveUp = async (): Promise<true> => {
    let isDone: boolean | undefined;
    for (let tries = 0; isDone === undefined && tries < GIVE_UP_TRIES; tries++)
      isDone = await answered(leases.giveUp(name, owner));
    return true;
  };

  return {
    owner,
    timeToWriteMs: () => until - WRITE_LIFE_MS - clock.now(),
    renew: async () => {
      const next = { ...first, until: clock.now() + LEASE_MS };
      const renewed = await answered(leases.renew(next).then((renewal) => renewal ?? LOST));
      isLost = renewed === LOST;
      if (renewed === LOST) throw lost();
      if (renewed === undefined) return [];
      until = next.until;
      isAsked = renewed.isAsked;
      return renewed.woken;
    },
    isAsked: () => isAsked,
    gaveUpWrite: () => {
      lastGivenUpAt = clock.now();
    },
    release: async () => {
      // Unreleased, it runs out by itself, later than any write that was given up can arrive.
      if (isLost || clock.now() - lastGivenUpAt < WRITE_LIFE_MS) return true;
      if (isAsked) return giveUp();
      return (await answered(leases.release(name, owner))) ?? true;
    },
  };
};
