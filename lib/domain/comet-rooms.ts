import { MAX_ROOM_KEY_BYTES, ROOM_GRACE_S, ROOMS_FRESH_MS } from './limits.ts';

/** What the table holds of one comet and room; `doubtful` after a write that the store did not answer. */
export type Held = 'held' | 'not-held' | 'doubtful';

/** What a comet answers: a `Set`, or what can be asked and gone through like one. */
export interface RoomList extends Iterable<string> {
  readonly size: number;
  has(room: string): boolean;
}

/**
 * One comet's rooms: what it answered, against what the table is known to hold of it.
 * Outside doubt the table holds the comet in `list` without `pending`, and in the rooms of `absentSince`.
 */
export interface CometRooms {
  /** Its last list, or what the table held before it answered. */
  list: RoomList;
  /** When `list` was asked for; undefined until the comet has answered by itself. */
  askedAt: number | undefined;
  /** Rooms of `list` that the table is not known to hold with it. */
  readonly pending: Set<string>;
  /** Rooms that the table holds with it and `list` has not, and since which answer, oldest first. */
  readonly absentSince: Map<string, number>;
  /** Ids in `list` that the table cannot hold. */
  unusable: number;
  left: boolean;
}

const NO_ROOMS: RoomList = new Set();

/** Until the fleet names it, a comet that the table holds has left. */
export const newCometRooms = (): CometRooms => ({
  list: NO_ROOMS,
  askedAt: undefined,
  pending: new Set(),
  absentSince: new Map(),
  unusable: 0,
  left: true,
});

/** Whether the table can hold it. A message to another room is a dead letter or goes to every comet, so a list without it is complete. */
export const isRoomKey = (room: string): boolean =>
  room !== '' && Buffer.byteLength(room) <= MAX_ROOM_KEY_BYTES && room.isWellFormed();

/** Puts one room where it belongs; `at` is the time of the answer or of the write. */
export const settleRoom = (comet: CometRooms, room: string, held: Held, at: number): void => {
  const listed = comet.list.has(room);
  if (listed && held !== 'held') comet.pending.add(room);
  else comet.pending.delete(room);
  if (held === 'doubtful') return;
  if (listed || held === 'not-held') comet.absentSince.delete(room);
  else if (!comet.absentSince.has(room)) comet.absentSince.set(room, at);
};

const missingFrom = (rooms: RoomList, all: RoomList): string[] => {
  const missing: string[] = [];
  for (const room of all) if (!rooms.has(room)) missing.push(room);
  return missing;
};

/** Takes a comet's list over; the same set again costs nothing. */
export const takeList = (
  comet: CometRooms,
  list: RoomList,
  askedAt: number,
  heldOf: (room: string) => Held,
): void => {
  const before = comet.list;
  comet.askedAt = askedAt;
  if (list === before) return;
  comet.list = list;
  for (const room of [...missingFrom(before, list), ...missingFrom(list, before)]) {
    if (isRoomKey(room)) settleRoom(comet, room, heldOf(room), askedAt);
    else comet.unusable += list.has(room) ? 1 : -1;
  }
};

/** A comet loses rooms only by its own answer of this pass, or by having left. */
export const roomsToDrop = function* (
  { left, askedAt, absentSince }: CometRooms,
  passAt: number,
): Generator<string> {
  if (!left && askedAt !== passAt) return;
  for (const [room, since] of absentSince) {
    if (!left && passAt - since < ROOM_GRACE_S * 1000) return;
    yield room;
  }
};

/** It left: whatever the table holds of it is to be removed. */
export const leave = (comet: CometRooms, heldOf: (room: string) => Held, at: number): void => {
  takeList(comet, NO_ROOMS, at, heldOf);
  comet.askedAt = undefined;
  comet.left = true;
};

/** It came, moved or came back: whatever the table holds of it stays until it has answered by itself; where that is in doubt, it is to be written. */
export const join = (comet: CometRooms, heldOf: (room: string) => Held): void => {
  comet.askedAt = undefined;
  if (!comet.left) return;
  comet.left = false;
  comet.list = new Set(comet.absentSince.keys());
  comet.absentSince.clear();
  for (const room of comet.list) if (heldOf(room) !== 'held') comet.pending.add(room);
};

/** Whether a room that its list has not is certain to have no connection there. */
export const isFresh = ({ left, askedAt, pending }: CometRooms, at: number): boolean =>
  !left && askedAt !== undefined && at - askedAt <= ROOMS_FRESH_MS && pending.size === 0;
