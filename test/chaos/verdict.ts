import { describe, type Expected, lanesOf } from './expected.ts';
import type { Ledger } from './ledger.ts';
import { wentBackBetween } from './sandbox.ts';
import { COMET_IDS, type Seat } from './seating.ts';
import { missing } from './session.ts';

export interface Verdict {
  /** Each record that did not come where it should have, with no reason given. */
  readonly lost: readonly string[];
  /** What a comet applied for a connection and the connection did not get. */
  readonly undelivered: readonly string[];
  /** Deliveries that were due: one a record, comet and key. */
  readonly due: number;
  /** Of rooms and broadcasts, where the comet had left the fleet: not due. */
  readonly away: number;
  readonly deadByReason: ReadonlyMap<string, number>;
  /** Room messages that missed a new member, because the clock had gone back while nobody merged. */
  readonly missedByClock: number;
  /** Of the dead and missed, those that no record asked for by its nature. */
  readonly unplanned: number;
}

/** A room's first member on a comet is seen by dispatch this much later: a list that fails goes stale, the cache's turn, and some more. */
const MEMBER_SEEN_MS = 12_000;

/** As long as a jump is, and what a list stays fresh. */
const CLOCK_FELT_MS = 50_000;
/** As long as a list is good. */
const LIST_KEPT_MS = 5_000;

/** Reasons by op and comet, of ids like `topic/0/12#101#gone` (for slow keys the key's place follows) and `topic/0/12#malformed`. */
const reasonsOf = (letterIds: Iterable<string>): Map<string, string> =>
  new Map(
    [...letterIds].map((id) => {
      const [op, comet = '', reason = comet] = id.split('#');
      return [`${op}#${comet}`, reason];
    }),
  );

/** Who should have each record. */
const createDues = (ledger: Ledger, seats: readonly Seat[]) => {
  const staysByRoom = Map.groupBy(
    seats.filter(({ roams }) => !roams),
    ({ room }) => room,
  );
  const visitors = (
    room: string,
    { producedAt, committedAt = Number.POSITIVE_INFINITY }: Expected,
  ): string[] =>
    ledger.memberships
      .filter((visit) => visit.room === room)
      .filter(({ from, to }) => from <= producedAt - MEMBER_SEEN_MS && to >= committedAt)
      .map(({ comet }) => comet);
  const wasAway = (
    comet: string,
    { producedAt, committedAt = Number.POSITIVE_INFINITY }: Expected,
  ): boolean =>
    ledger.absences.some(
      (absence) => absence.comet === comet && absence.from <= committedAt && absence.to >= producedAt,
    );
  /** A list that is old looks fresh again when the clock has gone back, and nobody merges who would write a newer one. */
  const looksFresh = ({ target, producedAt, committedAt = Number.POSITIVE_INFINITY }: Expected): boolean =>
    target.type === 'room' &&
    !staysByRoom.has(target.room) &&
    wentBackBetween(producedAt - CLOCK_FELT_MS, committedAt) &&
    ledger.silences.some(({ from, to }) => from <= committedAt && to >= producedAt - LIST_KEPT_MS);
  const cometsFor = (record: Expected): Iterable<string> => {
    const { target } = record;
    switch (target.type) {
      case 'push':
        return [target.comet];
      case 'room': {
        const stays = (staysByRoom.get(target.room) ?? []).map(({ comet }) => comet);
        return new Set([...stays, ...visitors(target.room, record)]);
      }
      case 'all':
        return COMET_IDS;
    }
  };
  return { cometsFor, wasAway, looksFresh };
};

/** Whether a record is there to be given up. */
const asksForDeath = ({ nature }: Expected): boolean => nature !== 'plain' && nature !== 'replay';

const createTally = (reasonByOp: ReadonlyMap<string, string>, topic: string) => {
  const deadByReason = new Map<string, number>();
  const tally = { lost: [] as string[], due: 0, away: 0, missedByClock: 0, unplanned: 0, deadByReason };
  /** One delivery that did not take place; `to` is a comet, or `malformed`. */
  const missed = (record: Expected, to: string, lane: string): void => {
    const reason = reasonByOp.get(`${topic}/${record.partition}/${record.offset}#${to}`);
    if (reason === undefined) tally.lost.push(`${describe(record)}: not at comet ${to}, ${lane}`);
    else deadByReason.set(reason, (deadByReason.get(reason) ?? 0) + 1);
    if (reason !== undefined && !asksForDeath(record)) tally.unplanned += 1;
  };
  return { tally, missed };
};

type Tally = ReturnType<typeof createTally>;

const judgePoison = (record: Expected, { tally, missed }: Tally): void => {
  tally.due += 1;
  missed(record, 'malformed', 'no dead letter');
};

export const judge = (
  ledger: Ledger,
  seats: readonly Seat[],
  topic: string,
  letterIds: Iterable<string>,
): Verdict => {
  const counting = createTally(reasonsOf(letterIds), topic);
  const { tally, missed } = counting;
  const { cometsFor, wasAway, looksFresh } = createDues(ledger, seats);

  const judgeMissing = (record: Expected, comet: string, lane: string): void => {
    if (record.target.type !== 'push' && wasAway(comet, record)) {
      tally.away += 1;
      return;
    }
    tally.due += 1;
    if (looksFresh(record)) tally.missedByClock += 1;
    else missed(record, comet, lane);
  };
  const judgeAt = (record: Expected, comet: string): void => {
    for (const [index, lane] of lanesOf(record).entries()) {
      if (ledger.firstAt(comet, record, index) === undefined) judgeMissing(record, comet, lane);
      else tally.due += 1;
    }
  };
  for (const record of ledger.records) {
    if (record.nature === 'poison') judgePoison(record, counting);
    else for (const comet of cometsFor(record)) judgeAt(record, comet);
  }
  const undelivered = ledger.sessions.flatMap(missing);
  const unplanned = tally.unplanned + tally.missedByClock;
  return { ...tally, unplanned, undelivered };
};
