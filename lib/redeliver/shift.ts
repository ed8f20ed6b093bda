import type { Clock } from '../clock.ts';
import { type Comet, type FleetComet, type FleetHeader, isCurrent } from '../domain/fleet.ts';
import { REDELIVER_FLUSH_MS, REDELIVER_RENEW_MS } from '../domain/limits.ts';
import { answered, type HeldLease } from '../lease.ts';
import type { Log } from '../log.ts';

export interface ShiftDeps {
  /** Consistent. Rejects with the store's errors. */
  readonly fleet: {
    readHeader(): Promise<FleetHeader | undefined>;
    /** Also one that has left. */
    readComet(id: string): Promise<FleetComet | undefined>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the comet is; without `comet`, since when it is gone (ms), or undefined if nobody knows. */
export interface Place {
  readonly comet: Comet | undefined;
  readonly goneSince: number | undefined;
}

/** One comet's time under its lease. */
export interface Shift {
  /** Now and then renews the lease, and looks where the comet is; answers what it was woken for. Throws `LEASE_LOST` and the stores' errors. */
  keep(): Promise<readonly string[]>;
  place(): Place;
  /** Whether `mergeRooms`, which asks each second, gets answers from the comet again, as it did not at the last look. */
  answersAgain(): Promise<boolean>;
  /** At the last look it got none. */
  isSilent(): boolean;
  /** Whether a call may begin: it ends before the lease and before Lambda stops us, and no successor waits. */
  mayCall(): boolean;
  /** Its successor has asked for what is left. */
  isAsked(): boolean;
}

const locate = async ({ fleet, clock }: ShiftDeps, id: string): Promise<Place> => {
  const comet = await fleet.readComet(id);
  if (comet !== undefined && comet.leftAt === undefined) return { comet, goneSince: undefined };
  const header = await fleet.readHeader();
  const isKnown = header !== undefined && isCurrent(header, clock.now());
  return { comet: undefined, goneSince: isKnown ? (comet?.leftAt ?? 0) : undefined };
};

/** Rejects with the stores' errors. */
export const openShift = async (
  deps: ShiftDeps,
  comet: string,
  lease: HeldLease,
  endsAt: number,
): Promise<Shift> => {
  const { clock, log } = deps;
  let place = await locate(deps, comet);
  let keptAt = clock.now();
  let flushedAt = keptAt;
  let wasSilent = false;
  return {
    keep: async () => {
      const now = clock.now();
      if (Math.abs(now - keptAt) < REDELIVER_RENEW_MS) return [];
      keptAt = now;
      if (now - flushedAt > REDELIVER_FLUSH_MS) {
        flushedAt = now;
        log.flush();
      }
      place = await locate(deps, comet);
      // Last: it is told only once what it was woken for.
      return lease.renew();
    },
    place: () => place,
    answersAgain: async () => {
      const header = await answered(deps.fleet.readHeader());
      const before = wasSilent;
      if (header !== undefined) wasSilent = header.silent.has(comet);
      return before && !wasSilent;
    },
    isSilent: () => wasSilent,
    mayCall: () => !lease.isAsked() && lease.timeToWriteMs() > 0 && clock.now() < endsAt,
    isAsked: lease.isAsked,
  };
};
