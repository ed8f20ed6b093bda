import { type FleetStatus, readFleet } from './fleet.ts';
import type { LagStatus } from './lag.ts';
import { type LettersStatus, readLetters } from './letters.ts';
import { type ParkedStatus, readParked } from './parked.ts';
import { type RoomsStatus, readRooms } from './rooms.ts';
import type { StatusTables } from './tables.ts';

/** All that the tables, and the topic, say of a set. Times in ms since 1970. */
export interface Status {
  readonly now: number;
  readonly lag: LagStatus;
  readonly fleet: FleetStatus;
  readonly parked: ParkedStatus;
  readonly letters: Omit<LettersStatus, 'letters'>;
  /** If it was asked for. */
  readonly rooms?: Omit<RoomsStatus, 'largest'>;
}

export interface StatusOptions {
  readonly now: number;
  readonly hasRooms: boolean;
  readonly readLag: () => Promise<LagStatus>;
}

const roomsOf = async (tables: StatusTables): Promise<Pick<Status, 'rooms'>> => {
  const { largest: _not, ...rooms } = await readRooms(tables);
  return { rooms };
};

/** Rejects with the store's errors. */
export const readStatus = async (
  tables: StatusTables,
  { now, hasRooms, readLag }: StatusOptions,
): Promise<Status> => {
  const [lag, fleet, parked, { letters: _not, ...letters }, rooms] = await Promise.all([
    readLag(),
    readFleet(tables, now),
    readParked(tables),
    readLetters(tables),
    hasRooms ? roomsOf(tables) : {},
  ]);
  return { now, lag, fleet, parked, letters, ...rooms };
};
