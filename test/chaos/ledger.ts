import type { Op } from '../../lib/domain/op.ts';
import { createApplied } from './applied.ts';
import type { Expected } from './expected.ts';
import { COMET_IDS, type Seat } from './seating.ts';
import { createSession, receive, type Session } from './session.ts';

/** A time in which the `Fleet` table had a comet as one that has left, or a dispatch may have thought so; `performance.now()`. */
export interface Absence {
  readonly comet: string;
  readonly from: number;
  to: number;
}

/** A time in which no merge renewed its lease. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

export interface Membership {
  readonly comet: string;
  readonly room: string;
  readonly from: number;
  to: number;
}

export interface LedgerOptions {
  readonly seats: readonly Seat[];
  readonly onInversion: (text: string) => void;
  /** Each first application at a comet, `delayMs` after it was produced. */
  readonly onFirst: (comet: string, delayMs: number) => void;
}

/** All that was produced, applied and received. */
export interface Ledger {
  readonly records: readonly Expected[];
  readonly sessions: readonly Session[];
  readonly absences: readonly Absence[];
  readonly memberships: readonly Membership[];
  readonly silences: readonly Silence[];
  /** The number of the next record. */
  next(): number;
  /** A record whose place is known only later, and that may be applied before that. */
  add(record: Expected): void;
  /** That the batch with these offsets was answered. */
  committed(partition: number, offsets: readonly number[]): void;
  applied(comet: string, op: Op): void;
  firstAt(comet: string, record: Expected, lane: number): number | undefined;
  mergeWasSilent(silence: Silence): void;
  openSession(seat: Seat): { received(n: number): void; joined(room: string): void; left(): void };
  entersRoom(seat: Seat, room: string): void;
  leavesRoom(seat: Seat): void;
  /** Since `agoMs`; answers what ends it, `lagMs` later than its call. */
  absent(comet: string, agoMs: number): (lagMs: number) => void;
  counts(): { applied: number; duplicates: number; received: number; receivedTwice: number };
  uncommitted(): number;
}

const numberIn = (body: string): number =>
  Number.parseInt(Buffer.from(body.slice(0, 16), 'base64').toString('latin1'), 10);

export const createLedger = ({ seats, onInversion, onFirst }: LedgerOptions): Ledger => {
  const records: Expected[] = [];
  const recordByPlace = new Map<string, Expected>();
  const sessions: Session[] = [];
  const openByComet = new Map<string, Map<string, Session>>(COMET_IDS.map((id) => [id, new Map()]));
  const absences: Absence[] = [];
  const memberships: Membership[] = [];
  const silences: Silence[] = [];
  const membershipBySeat = new Map<Seat, Membership>();
  let number = 0;
  let committedCount = 0;

  const stays = new Set(seats.filter(({ roams }) => !roams).map(({ comet, room }) => `${comet} ${room}`));
  const appliedBy = new Map(
    COMET_IDS.map((id) => {
      const hasMembers = (room: string): boolean => stays.has(`${id} ${room}`);
      const report = (comet: string, { producedAt }: Expected, at: number) => onFirst(comet, at - producedAt);
      return [id as string, createApplied(id, { hasMembers, onInversion, onFirst: report })];
    }),
  );

  const sessionsFor = (comet: string, op: Op): Session[] => {
    const open = openByComet.get(comet) ?? new Map<string, Session>();
    switch (op.type) {
      case 'push':
        return op.keys.map((key) => open.get(key)).filter((session) => session !== undefined);
      case 'room':
        return [...open.values()].filter(({ room }) => room === op.room);
      case 'all':
        return [...open.values()];
    }
  };

  const enters = (seat: Seat, room: string): void => {
    const session = openByComet.get(seat.comet)?.get(seat.key);
    if (session === undefined) return;
    session.room = room;
    session.enteredAt = performance.now();
    const membership = { comet: seat.comet, room, from: performance.now(), to: Number.POSITIVE_INFINITY };
    membershipBySeat.set(seat, membership);
    memberships.push(membership);
  };
  const leaves = (seat: Seat): void => {
    const session = openByComet.get(seat.comet)?.get(seat.key);
    if (session !== undefined) session.room = '';
    const membership = membershipBySeat.get(seat);
    if (membership !== undefined) membership.to = performance.now();
    membershipBySeat.delete(seat);
  };

  return {
    records,
    sessions,
    absences,
    memberships,
    silences,
    mergeWasSilent: (silence) => silences.push(silence),
    next: () => number++,
    add: (record) => {
      records[record.n] = record;
      if (record.nature !== 'replay') recordByPlace.set(`${record.partition}/${record.offset}`, record);
    },
    committed: (partition, offsets) => {
      for (const offset of offsets) {
        const record = recordByPlace.get(`${partition}/${offset}`);
        if (record === undefined || record.committedAt !== undefined) continue;
        record.committedAt = performance.now();
        committedCount += 1;
      }
    },
    applied: (comet, op) => {
      const record = records[numberIn(op.body)];
      if (record === undefined || record.nature === 'too-large') return;
      appliedBy.get(comet)?.apply(record, op);
      const at = performance.now();
      for (const session of sessionsFor(comet, op)) session.due.push({ record, at });
    },
    firstAt: (comet, record, lane) => appliedBy.get(comet)?.firstAt(record.n, lane),
    openSession: (seat) => {
      const session = createSession(seat);
      return {
        received: (n) => {
          const record = records[n];
          if (record === undefined) return;
          const { target } = record;
          const lane = target.type === 'push' ? target.keys.indexOf(seat.key) : 0;
          const inversion = receive(session, record, appliedBy.get(seat.comet)?.firstAt(n, lane));
          if (inversion !== undefined) onInversion(inversion);
        },
        joined: (room) => {
          session.joinedAt = performance.now();
          sessions.push(session);
          openByComet.get(seat.comet)?.set(seat.key, session);
          enters(seat, room);
        },
        left: () => {
          leaves(seat);
          session.leftAt = performance.now();
          openByComet.get(seat.comet)?.delete(seat.key);
        },
      };
    },
    entersRoom: enters,
    leavesRoom: leaves,
    absent: (comet, agoMs) => {
      const absence: Absence = { comet, from: performance.now() - agoMs, to: Number.POSITIVE_INFINITY };
      absences.push(absence);
      return (lagMs) => {
        absence.to = performance.now() + lagMs;
      };
    },
    counts: () => {
      const all = [...appliedBy.values()].map(({ counts }) => counts());
      return {
        applied: all.reduce((sum, { applied }) => sum + applied, 0),
        duplicates: all.reduce((sum, { duplicates }) => sum + duplicates, 0),
        received: sessions.reduce((sum, { got }) => sum + got.size, 0),
        receivedTwice: sessions.reduce((sum, { duplicates }) => sum + duplicates, 0),
      };
    },
    uncommitted: () => recordByPlace.size - committedCount,
  };
};
