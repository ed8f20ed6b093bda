import { NAMED_CHANGES_BYTES, NAMED_CHANGES_PASSES } from './limits.ts';

/** Which rooms have other comets in the `Rooms` table than before: a part of the header. */
export interface RoomChanges {
  /** The merge that counts the passes; another one counts anew. */
  readonly merge: string;
  readonly pass: number;
  /** What has changed after this pass is named, what has changed until then is not. */
  readonly since: number;
  /** The rooms that were found changed before the header of each pass. */
  readonly roomsByPass: ReadonlyMap<number, readonly string[]>;
}

/** Names the rooms that have changed since the last call, with those of the passes before, as many as the header holds. */
export type NameChanges = (changed: ReadonlySet<string>) => RoomChanges;

const bytesOf = (rooms: readonly string[]): number =>
  rooms.reduce((sum, room) => sum + Buffer.byteLength(room), 0);

/** Each call is a pass. Those before the first one belong to another merge, and have no names. */
export const createNameChanges = (merge: string): NameChanges => {
  const roomsByPass = new Map<number, readonly string[]>();
  let bytes = 0;
  let pass = 0;
  let since = 1;

  const forget = (oldest: number): void => {
    bytes -= bytesOf(roomsByPass.get(oldest) ?? []);
    roomsByPass.delete(oldest);
    since = oldest;
  };

  return (changed) => {
    pass += 1;
    if (changed.size > 0) roomsByPass.set(pass, [...changed]);
    bytes += bytesOf([...changed]);
    for (const named of roomsByPass.keys())
      if (named <= since || bytes > NAMED_CHANGES_BYTES || pass - named >= NAMED_CHANGES_PASSES)
        forget(named);
    return { merge, pass, since, roomsByPass: new Map(roomsByPass) };
  };
};

/** The rooms that have changed since those were read that were read after the header with `before`. Undefined: it may be any. */
export const changedRooms = (
  before: RoomChanges | undefined,
  now: RoomChanges | undefined,
): ReadonlySet<string> | undefined => {
  const areNamed = before !== undefined && before.merge === now?.merge && now.since <= before.pass;
  if (!areNamed) return undefined;
  const later = [...now.roomsByPass].filter(([pass]) => pass > before.pass);
  return new Set(later.flatMap(([, rooms]) => rooms));
};
