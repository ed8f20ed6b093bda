import { describe, type Expected, hasOrder, secondsOf } from './expected.ts';
import type { Seat } from './seating.ts';

/** One connection of a seat, from its auth reply to its close. Times are of `performance.now()`. */
export interface Session {
  readonly seat: Seat;
  /** Where it is in for certain; empty while it moves. */
  room: string;
  /** Of this room. */
  enteredAt: number;
  joinedAt: number | undefined;
  leftAt: number | undefined;
  /** What its comet applied for it. */
  readonly due: { readonly record: Expected; readonly at: number }[];
  readonly got: Set<number>;
  duplicates: number;
  readonly highestByLane: Map<string, Expected>;
}

export const createSession = (seat: Seat): Session => ({
  seat,
  room: '',
  enteredAt: 0,
  joinedAt: undefined,
  leftAt: undefined,
  due: [],
  got: new Set(),
  duplicates: 0,
  highestByLane: new Map(),
});

/** A push to this key, its room's messages and the broadcasts have no order towards each other. */
export const receive = (
  session: Session,
  record: Expected,
  firstAppliedAt: number | undefined,
): string | undefined => {
  if (session.got.has(record.n)) {
    session.duplicates += 1;
    return undefined;
  }
  session.got.add(record.n);
  // The first copy may have come to an older connection, or to nobody.
  const isFirst =
    firstAppliedAt !== undefined && firstAppliedAt >= (session.joinedAt ?? Number.POSITIVE_INFINITY);
  const { target, partition, producedAt } = record;
  // Who came into a room later is owed none of its older messages, and so no order of them.
  const isOlder = target.type === 'room' && producedAt < session.enteredAt;
  if (!hasOrder(record) || !isFirst || isOlder) return undefined;
  const lane = `${partition} ${target.type === 'room' ? target.room : target.type}`;
  const highest = session.highestByLane.get(lane);
  if (highest !== undefined && highest.offset > record.offset)
    return `connection ${session.seat.key}: ${describe(record)} after ${describe(highest)}`;
  session.highestByLane.set(lane, record);
  return undefined;
};

/** What was sent shortly before a connection closed may be lost with it. */
const CLOSING_MS = 1_000;

/** What did not come, a line each. */
export const missing = ({ seat, due, got, joinedAt, leftAt }: Session): string[] =>
  due
    .filter(({ record, at }) => at < (leftAt ?? Number.POSITIVE_INFINITY) - CLOSING_MS && !got.has(record.n))
    .map(
      ({ record, at }) =>
        `${describe(record)}: applied at ${secondsOf(at)} s, but not at connection ${seat.key} (${secondsOf(joinedAt)} to ${secondsOf(leftAt)} s)`,
    );
