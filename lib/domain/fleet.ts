import { ROOMS_FRESH_MS } from './limits.ts';
import type { RoomChanges } from './room-changes.ts';

/** A gateway process that holds client connections. `id` is goim's `server`; addresses are URLs. */
export interface Comet {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly zone?: string;
}

/** A comet as the `Fleet` table keeps it; `leftAt` (ms) is set once the registry no longer names it. */
export interface FleetComet extends Comet {
  readonly leftAt?: number;
}

/** The header of the `Fleet` table; times in ms. */
export interface FleetHeader {
  readonly version: number;
  /** When the merge pass that wrote it began to ask. */
  readonly mergedAt: number;
  /** The registry's last good answer. */
  readonly fleetAt: number;
  /** The comets whose room list is fresh. */
  readonly fresh: ReadonlySet<string>;
  /** Those that were asked for it in that pass, and did not answer. */
  readonly silent: ReadonlySet<string>;
  /** Absent in one of a merge that names no changes. */
  readonly changes?: RoomChanges;
}

/** Within `ROOMS_FRESH_MS` of now (ms). A time that is ahead is a clock's that was set back since, and says nothing. */
export const isRecent = (time: number, now: number): boolean => Math.abs(now - time) <= ROOMS_FRESH_MS;

/** Whether the merge and the registry have answered lately, so that a comet that is not in the fleet has gone. */
export const isCurrent = ({ mergedAt, fleetAt }: FleetHeader, now: number): boolean =>
  isRecent(mergedAt, now) && isRecent(fleetAt, now);
