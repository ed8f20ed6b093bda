import type { RegistryAnswer } from '../domain/comet-entry.ts';
import type { Comet, FleetComet, FleetHeader } from '../domain/fleet.ts';
import { absences, type FleetChange, fleetChanges, fleetDifference } from '../domain/fleet-changes.ts';
import { WRITE_LIFE_MS } from '../domain/limits.ts';
import type { WriteStatus } from '../domain/write-status.ts';
import type { ServiceError } from '../errors.ts';

/** What became of each write, in their order; `failure` is a reason why one was not written. */
export interface Written {
  readonly statuses: readonly WriteStatus[];
  readonly failure: ServiceError | undefined;
}

/** Reads are consistent. Rejects with the store's `ServiceError`s. */
export interface FleetStore {
  readHeader(): Promise<FleetHeader | undefined>;
  readComets(): Promise<readonly FleetComet[]>;
  writeComets(changes: readonly FleetChange[], startWithinMs: number): Promise<Written>;
  /** False if the header there is as new or newer. */
  writeHeader(header: FleetHeader): Promise<boolean>;
}

/** What the merge knows of the `Fleet` table; it advances only by confirmed writes and consistent reads. */
export interface MergeFleet {
  live(): Comet[];
  /** In doubt, the fleet must not change and no header may say that it is known. */
  isDoubtful(): boolean;
  /** Ends a doubt by a read, once no write of it lives any more; answers what differs from before. */
  settle(): Promise<readonly FleetChange[]>;
  /** Writes what a good answer changes, and answers what is known to be written. */
  update(
    answer: RegistryAnswer,
    at: number,
    startWithinMs: number,
  ): Promise<{ changes: readonly FleetChange[]; written: Written }>;
  /** The next header, with a new version if the comets may have changed. */
  header(seen: Omit<FleetHeader, 'version' | 'fleetAt'>): FleetHeader;
}

const NOTHING_WRITTEN: Written = { statuses: [], failure: undefined };

const byId = (comets: readonly FleetComet[]): Map<string, FleetComet> =>
  new Map(comets.map((comet) => [comet.id, comet]));

/** The table as it is, and a new version: its last writer may have died between its comets and its header. */
export const openMergeFleet = async (store: FleetStore, now: () => number): Promise<MergeFleet> => {
  const old = await store.readHeader();
  let known = byId(await store.readComets());
  let absentSince = new Map<string, number>();
  let fleetAt = old?.fleetAt ?? 0;
  let headedVersion = old?.version ?? 0;
  let version = headedVersion + 1;
  let doubtfulSince: number | undefined;

  const apply = ({ id, comet }: FleetChange): void => {
    if (comet === undefined) known.delete(id);
    else known.set(id, comet);
  };

  const write = async (changes: readonly FleetChange[], startWithinMs: number): Promise<Written> => {
    version = headedVersion + 1;
    const written = await store.writeComets(changes, startWithinMs);
    if (written.statuses.includes('unknown')) doubtfulSince = now();
    return written;
  };

  return {
    live: () => [...known.values()].filter(({ leftAt }) => leftAt === undefined),
    isDoubtful: () => doubtfulSince !== undefined,
    settle: async () => {
      if (doubtfulSince === undefined || now() - doubtfulSince < WRITE_LIFE_MS) return [];
      const before = known;
      known = byId(await store.readComets());
      doubtfulSince = undefined;
      return fleetDifference(before, known);
    },
    update: async (answer, at, startWithinMs) => {
      absentSince = absences(known, absentSince, answer, at);
      const due = fleetChanges(known, absentSince, answer, at);
      const written = due.length === 0 ? NOTHING_WRITTEN : await write(due, startWithinMs);
      const changes = due.filter((_, i) => written.statuses[i] === 'written');
      changes.forEach(apply);
      // A comet that is named but not in the table yet must not count as gone.
      if (changes.length === due.length) fleetAt = at;
      return { changes, written };
    },
    header: (seen) => {
      headedVersion = version;
      return { ...seen, version, fleetAt };
    },
  };
};
