import type { RoomList } from '../../domain/comet-rooms.ts';

/** goim v1's room ids are int32, as decimal strings. */
export const isRoomId = (room: string): boolean => `${Number(room) | 0}` === room;

/** Where the id is, or would be. */
const placeOf = (ids: Int32Array, id: number): number => {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ids[middle] as number) < id) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** Of ids that ascend. Their names are made when they are gone through: a `Set` of a million takes 100 MB, and 0.3 s. */
export const roomList = (ids: Int32Array): RoomList => ({
  size: ids.length,
  has: (room) => isRoomId(room) && ids[placeOf(ids, Number(room))] === Number(room),
  [Symbol.iterator]: function* () {
    for (const id of ids) yield `${id}`;
  },
});
