import type { StatusTables } from './tables.ts';

export interface RoomStatus {
  readonly room: string;
  readonly comets: readonly string[];
}

export interface RoomsStatus {
  readonly rooms: number;
  /** Those on most comets. */
  readonly largest: readonly RoomStatus[];
  readonly roomsByComet: Readonly<Record<string, number>>;
}

const LARGEST = 200;

const bySize = (a: RoomStatus, b: RoomStatus): number =>
  b.comets.length - a.comets.length || a.room.localeCompare(b.room, 'en', { numeric: true });

/** Of one room; no comets: it is not known, so its messages go to every comet. Rejects with the store's errors. */
export const readRoom = async ({ rooms }: Pick<StatusTables, 'rooms'>, room: string): Promise<RoomStatus> => {
  const found = await rooms.readRooms([room]);
  return { room, comets: [...(found.get(room) ?? [])].toSorted() };
};

/** Reads the whole table: a read unit a 4 KB. */
export const readRooms = async ({ rooms }: Pick<StatusTables, 'rooms'>): Promise<RoomsStatus> => {
  const countByComet = new Map<string, number>();
  let largest: RoomStatus[] = [];
  let count = 0;
  for await (const page of rooms.scan()) {
    count += page.length;
    for (const id of page.flatMap(({ comets }) => comets))
      countByComet.set(id, (countByComet.get(id) ?? 0) + 1);
    const both = [...largest, ...page.map(({ room, comets }) => ({ room, comets }))];
    largest = both.toSorted(bySize).slice(0, LARGEST);
  }
  return { rooms: count, largest, roomsByComet: Object.fromEntries(countByComet) };
};
