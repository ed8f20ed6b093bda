import { createViewLoader } from '../lib/dispatch/view.ts';
import type { FleetHeader } from '../lib/domain/fleet.ts';
import { MERGE_INTERVAL_MS } from '../lib/domain/limits.ts';
import { createNameChanges } from '../lib/domain/room-changes.ts';

export interface RoomReads {
  /** In each of many batches a second. */
  readonly rooms: number;
  readonly sandboxes: number;
  readonly changesPerS: number;
}

const BATCH_EVERY_MS = 10;
const WARM_UP_S = 20;
const MEASURED_S = 60;

/** Consistent read units a second of the view's own code, over tables in memory; a room and the header of a small fleet are one each. */
export const roomReadUnits = async ({ rooms, sandboxes, changesPerS }: RoomReads): Promise<number> => {
  const names = Array.from({ length: rooms }, (_, i) => `live://${i}`);
  const nameChanges = createNameChanges('merge');
  let now = 0;
  let units = 0;
  let header: FleetHeader | undefined;
  const pass = (second: number): void => {
    const changed = Array.from(
      { length: changesPerS },
      (_, i) => names[(second * changesPerS + i) % rooms] ?? '',
    );
    const none = new Set<string>();
    const changes = nameChanges(new Set(changed));
    header = { version: 1, mergedAt: now, fleetAt: now, fresh: none, silent: none, changes };
  };
  const read = async <T>(cost: number, value: T): Promise<T> => {
    units += cost;
    return value;
  };
  const views = Array.from({ length: sandboxes }, () =>
    createViewLoader(
      {
        readHeader: () => read(1, header),
        readComets: () => read(1, []),
        readRooms: (wanted) => read(wanted.length, new Map()),
      },
      () => now,
    ),
  );
  for (let second = 0; second < WARM_UP_S + MEASURED_S; second++) {
    if (second === WARM_UP_S) units = 0;
    pass(second);
    for (const endsAt = now + MERGE_INTERVAL_MS; now < endsAt; now += BATCH_EVERY_MS)
      for (const view of views) await view.load(new Set(names));
  }
  return units / MEASURED_S;
};
