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

/** The header of the `Fleet` table; times in ms. `fresh`: the comets whose room list is fresh. */
export interface FleetHeader {
  readonly version: number;
  /** When the merge pass that wrote it began to ask. */
  readonly mergedAt: number;
  /** The registry's last good answer. */
  readonly fleetAt: number;
  readonly fresh: ReadonlySet<string>;
}
