import { type BehindTable, createBehindTable } from '../../lib/store/behind.ts';
import { createDeadLettersTable, type DeadLettersTable } from '../../lib/store/dead-letters.ts';
import { createFleetReader, type FleetReader } from '../../lib/store/fleet.ts';
import { createLeasesTable, type LeasesTable } from '../../lib/store/leases.ts';
import { createParkedTable, type ParkedTable } from '../../lib/store/parked.ts';
import { createRoomsTable, type RoomsTable } from '../../lib/store/rooms.ts';
import type { Stage } from '../stage.ts';

/** What an operator's eye reads, and nothing that writes. */
export interface StatusTables {
  readonly fleet: FleetReader;
  readonly behind: Pick<BehindTable, 'scan'>;
  readonly parked: Pick<ParkedTable, 'read'>;
  readonly rooms: Pick<RoomsTable, 'scan' | 'readRooms'>;
  readonly leases: Pick<LeasesTable, 'read'>;
  readonly letters: Pick<DeadLettersTable, 'scan' | 'read'>;
}

export const openStatusTables = ({ db, name }: Stage): StatusTables => ({
  fleet: createFleetReader(db, name('fleet')),
  behind: createBehindTable(db, name('behind')),
  parked: createParkedTable(db, name('parked')),
  rooms: createRoomsTable(db, name('rooms')),
  leases: createLeasesTable(db, name('leases')),
  letters: createDeadLettersTable(db, name('dead-letters')),
});
