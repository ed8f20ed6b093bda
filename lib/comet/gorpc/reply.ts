import { MAX_COMET_ROOMS } from '../../domain/limits.ts';
import type { GobMessage } from '../../gob/decoder.ts';
import { INT, STRING, set, slice, struct, UINT } from '../../gob/type.ts';
import { cometFailure, tooManyRooms } from '../error.ts';
import { sortInt32 } from './sort-int32.ts';

/** What `net/rpc` writes before each reply, as much as is asked for. */
export const RESPONSE = struct('Response', { Seq: UINT, Error: STRING });

/** What a comet said. */
export interface GorpcReply {
  /** In the comet's words, which may hold anything, also keys. Empty: all is well. */
  readonly error: string;
  readonly body: GobMessage;
}

/** v1.2's, and that of the versions since 2016-08-22. */
const ROOM_LIST = struct('RoomsReply', { RoomIds: slice(INT) });
const ROOM_SET = struct('RoomsReply', { RoomIds: set(INT) });

const INT32 = 2 ** 31;

/** Ascending, each once: v1.2 names a room once for each of its buckets. */
const sortedOnce = (ids: readonly number[]): Int32Array => {
  const sorted = sortInt32(new Int32Array(ids));
  let kept = 0;
  // By index: cold, an iterator takes three times as long, and a process reads its first list cold.
  for (let at = 0; at < sorted.length; at++) {
    const id = sorted[at] as number;
    if (kept === 0 || id !== sorted[kept - 1]) sorted[kept++] = id;
  }
  // A copy: what is kept for as long as the list stays the same is no larger than it must be.
  return sorted.slice(0, kept);
};

/** The ids of `RoomsReply`, ascending, each once. Throws `COMET_REPLY_MALFORMED` and `COMET_REPLY_TOO_LARGE`. */
export const readRoomIds = (body: GobMessage): Int32Array => {
  let ids: readonly number[];
  try {
    ids = body.read(body.fits(ROOM_LIST) ? ROOM_LIST : ROOM_SET).RoomIds;
    if (ids.some((id) => id < -INT32 || id >= INT32)) throw new RangeError('an id is no int32');
  } catch (error) {
    throw cometFailure('COMET_REPLY_MALFORMED', "The comet's room list is malformed", {}, error);
  }
  const rooms = sortedOnce(ids);
  if (rooms.length > MAX_COMET_ROOMS) throw tooManyRooms(rooms.length);
  return rooms;
};
