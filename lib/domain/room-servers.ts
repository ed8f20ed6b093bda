import {
  type CometRooms,
  type Held,
  isFresh,
  join,
  leave,
  newCometRooms,
  type RoomList,
  roomsToDrop,
  settleRoom,
  takeList,
} from './comet-rooms.ts';
import { MAX_ROOM_WRITES, ROOM_EXPIRY_VISITS, ROOM_KEPT_S, WRITE_LIFE_MS } from './limits.ts';

/** One item of the `Rooms` table, whole; without comets it is to be deleted. `expiresAt` is in seconds. */
export interface RoomItem {
  readonly room: string;
  readonly comets: readonly string[];
  readonly expiresAt: number;
}

/** Writes that are due: those that add a comet, and the others. */
export interface DueRooms {
  readonly additions: readonly RoomItem[];
  readonly others: readonly RoomItem[];
}

interface Plan {
  readonly add: string[];
  readonly drop: string[];
}

const isSame = (before: readonly string[], after: readonly string[]): boolean =>
  before.length === after.length && before.every((id, i) => id === after[i]);

type PlanOf = (room: string) => Plan | undefined;

/** What the merge knows of the `Rooms` table and of the comets' lists; it advances only by what it is told. Times in ms. */
export class RoomServers {
  readonly #itemByRoom = new Map<string, RoomItem>();
  readonly #doubtedAtByRoom = new Map<string, number>();
  readonly #cometById = new Map<string, CometRooms>();
  #changed = new Set<string>();
  #visits = this.#itemByRoom.values();

  get size(): number {
    return this.#itemByRoom.size;
  }

  /** What a read of the table found of a room; it ends the room's doubt. */
  found(item: RoomItem, at: number): void {
    const doubted = this.#doubtedAtByRoom.delete(item.room);
    if (doubted) this.#changed.add(item.room);
    this.#hold(item);
    this.#settle(item.room, doubted ? [...this.#cometById.keys(), ...item.comets] : item.comets, at);
  }

  /** The comet came, moved or came back: it is not fresh until it has answered by itself. */
  join(id: string): void {
    join(this.#comet(id), (room) => this.#held(id, room));
  }

  leave(id: string, at: number): void {
    const comet = this.#comet(id);
    leave(comet, (room) => this.#held(id, room), at);
    this.#forgetIfEmpty(id, comet);
  }

  /** A comet's whole list, and when it was asked for. */
  answered(id: string, list: RoomList, askedAt: number): void {
    const comet = this.#cometById.get(id);
    if (comet !== undefined && !comet.left) takeList(comet, list, askedAt, (room) => this.#held(id, room));
  }

  /** The writes of the pass that began to ask at `passAt`. */
  due(passAt: number): DueRooms {
    const expiresAt = Math.floor(passAt / 1000) + ROOM_KEPT_S;
    const additions: RoomItem[] = [];
    const others: RoomItem[] = [];
    for (const [room, { add, drop }] of this.#plans(passAt)) {
      const kept = this.#cometsOf(room).filter((id) => !drop.includes(id));
      (add.length > 0 ? additions : others).push({ room, comets: [...kept, ...add], expiresAt });
    }
    return { additions, others };
  }

  written(item: RoomItem, at: number): void {
    const before = this.#cometsOf(item.room);
    if (!isSame(before, item.comets)) this.#changed.add(item.room);
    this.#hold(item);
    this.#settle(item.room, new Set([...before, ...item.comets]), at);
  }

  /** The store did not answer a write of the room: nothing is known of it until it is read. */
  doubted(room: string, at: number): void {
    this.#doubtedAtByRoom.set(room, at);
    this.#settle(room, this.#cometById.keys(), at);
  }

  /** Rooms in doubt that may be read, because no write of them lives any more. */
  doubtsToRead(at: number): string[] {
    return [...this.#doubtedAtByRoom]
      .filter(([, since]) => at - since >= WRITE_LIFE_MS)
      .map(([room]) => room);
  }

  /** The comets whose lists are fresh, and known to be in the table whole. */
  fresh(at: number): Set<string> {
    return new Set([...this.#cometById].filter(([, comet]) => isFresh(comet, at)).map(([id]) => id));
  }

  /** The rooms that may have other comets in the table than at the last call. One in doubt is among them when its doubt ends: until then its comets are not fresh. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** How many ids of a comet's list the table cannot hold. */
  unusable(id: string): number {
    return this.#cometById.get(id)?.unusable ?? 0;
  }

  #cometsOf(room: string): readonly string[] {
    return this.#itemByRoom.get(room)?.comets ?? [];
  }

  #held(id: string, room: string): Held {
    if (this.#doubtedAtByRoom.has(room)) return 'doubtful';
    return this.#cometsOf(room).includes(id) ? 'held' : 'not-held';
  }

  #hold(item: RoomItem): void {
    if (item.comets.length === 0) this.#itemByRoom.delete(item.room);
    else this.#itemByRoom.set(item.room, item);
  }

  #comet(id: string): CometRooms {
    const comet = this.#cometById.get(id) ?? newCometRooms();
    this.#cometById.set(id, comet);
    return comet;
  }

  #settle(room: string, ids: Iterable<string>, at: number): void {
    for (const id of ids) {
      const comet = this.#comet(id);
      settleRoom(comet, room, this.#held(id, room), at);
      this.#forgetIfEmpty(id, comet);
    }
  }

  #forgetIfEmpty(id: string, { left, absentSince }: CometRooms): void {
    if (left && absentSince.size === 0) this.#cometById.delete(id);
  }

  #plans(passAt: number): Map<string, Plan> {
    const planByRoom = new Map<string, Plan>();
    const planOf: PlanOf = (room) => {
      const known = planByRoom.get(room);
      if (known !== undefined) return known;
      if (planByRoom.size >= MAX_ROOM_WRITES || this.#doubtedAtByRoom.has(room)) return undefined;
      const plan = { add: [], drop: [] };
      planByRoom.set(room, plan);
      return plan;
    };
    // Smallest first: what fits into one pass becomes fresh, and the largest fill what is left.
    const shortest = [...this.#cometById].sort(([, a], [, b]) => a.pending.size - b.pending.size);
    for (const [id, { pending }] of shortest) for (const room of pending) planOf(room)?.add.push(id);
    for (const [id, comet] of this.#cometById)
      for (const room of roomsToDrop(comet, passAt)) planOf(room)?.drop.push(id);
    this.#planExpiring(planOf, passAt);
    return planByRoom;
  }

  #planExpiring(planOf: PlanOf, passAt: number): void {
    const visits = Math.min(ROOM_EXPIRY_VISITS, this.#itemByRoom.size);
    for (let visit = 0; visit < visits; visit++) {
      const { value, done } = this.#visits.next();
      if (done) this.#visits = this.#itemByRoom.values();
      else if (value.expiresAt - passAt / 1000 < ROOM_KEPT_S / 2) planOf(value.room);
    }
  }
}
