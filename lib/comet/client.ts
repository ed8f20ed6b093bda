import type { RoomList } from '../domain/comet-rooms.ts';
import type { Op } from '../domain/op.ts';
import type { Outcome } from '../domain/outcome.ts';

/** `unsupported`: the comet cannot say so. */
export type RoomsChange = 'changed' | 'unchanged' | 'unsupported';

/** One comet, over whatever wire its addresses name. */
export interface CometClient {
  /** One outcome an op, in the same order. Never rejects: a failed call is `undelivered`. */
  deliver(ops: readonly Op[], signal: AbortSignal): Promise<Outcome[]>;
  /** Rooms with at least one connection; the same list again while the comet says it is unchanged. Rejects with a `ServiceError`. */
  rooms(signal: AbortSignal): Promise<RoomList>;
  /** Where the wire has it: `changed` as soon as the rooms are others than at the last answer, `unchanged` after `ROOMS_WAIT_S`. Rejects with a `ServiceError`. */
  roomsChange?(signal: AbortSignal): Promise<RoomsChange>;
  close(): void;
}
