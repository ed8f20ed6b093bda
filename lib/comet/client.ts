import type { RoomList } from '../domain/comet-rooms.ts';
import type { Op } from '../domain/op.ts';
import type { Outcome } from '../domain/outcome.ts';

/** One comet, over whatever wire its addresses name. */
export interface CometClient {
  /** One outcome an op, in the same order. Never rejects: a failed call is `undelivered`. */
  deliver(ops: readonly Op[], signal: AbortSignal): Promise<Outcome[]>;
  /** Rooms with at least one connection; the same list again while the comet says it is unchanged. Rejects with a `ServiceError`. */
  rooms(signal: AbortSignal): Promise<RoomList>;
  close(): void;
}
