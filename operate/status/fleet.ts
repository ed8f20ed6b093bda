import { type FleetComet, isCurrent, isRecent } from '../../lib/domain/fleet.ts';
import type { Lease } from '../../lib/domain/lease.ts';
import type { StatusTables } from './tables.ts';

export interface CometStatus extends FleetComet {
  /** Its room list is fresh: it is passed by for a room that it does not have. */
  readonly isFresh: boolean;
  /** Partitions that it is behind on. */
  readonly behind: readonly string[];
}

/** Times in ms since 1970. */
export interface FleetStatus {
  /** When the last merge pass began to ask; undefined: there was none. */
  readonly mergedAt?: number | undefined;
  /** The registry's last good answer. */
  readonly fleetAt?: number | undefined;
  /** Both are recent. */
  readonly isCurrent: boolean;
  /** Who merges. */
  readonly merging?: Lease | undefined;
  /** By id. */
  readonly comets: readonly CometStatus[];
}

const MERGE_LEASE = 'merge-rooms';

const byId = (a: FleetComet, b: FleetComet): number => a.id.localeCompare(b.id, 'en', { numeric: true });

/** Of the whole fleet, also the comets that have left. Rejects with the store's errors. */
export const readFleet = async (
  { fleet, behind, leases }: Pick<StatusTables, 'fleet' | 'behind' | 'leases'>,
  now: number,
): Promise<FleetStatus> => {
  const [header, comets, marks, merging] = await Promise.all([
    fleet.readHeader(),
    fleet.readComets(),
    behind.scan(),
    leases.read(MERGE_LEASE),
  ]);
  const marksByComet = Map.groupBy(marks, ({ comet }) => comet);
  const isListFresh = header !== undefined && isRecent(header.mergedAt, now);
  return {
    mergedAt: header?.mergedAt,
    fleetAt: header?.fleetAt,
    isCurrent: header !== undefined && isCurrent(header, now),
    merging,
    comets: comets.toSorted(byId).map((comet) => ({
      ...comet,
      isFresh: isListFresh && header.fresh.has(comet.id),
      behind: (marksByComet.get(comet.id) ?? []).map(({ partition }) => partition).toSorted(),
    })),
  };
};
