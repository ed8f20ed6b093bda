import { ROOM_KEPT_S, WRITE_LIFE_MS } from '../../lib/domain/limits.ts';
import { type RoomItem, RoomServers } from '../../lib/domain/room-servers.ts';

export const IDS = ['a', 'b', 'c'] as const;

/** What becomes of a write; the last three were given up. */
export type WriteEnd = 'written' | 'unwritten' | 'arrived' | 'lost' | 'late';

export type Step =
  | { kind: 'answer'; id: string; list: ReadonlySet<string> }
  | { kind: 'leave'; id: string }
  | { kind: 'join'; id: string }
  | { kind: 'write'; ends: readonly WriteEnd[] }
  | { kind: 'wait'; ms: number };

/** Room servers beside a table that is written as they say, with failures. */
export class RoomTable {
  readonly servers = new RoomServers();
  readonly lists = new Map<string, ReadonlySet<string>>();
  readonly live = new Set<string>(IDS);
  readonly comets = new Map<string, readonly string[]>();
  now = 1_700_000_000_000;
  #late: { item: RoomItem; at: number }[] = [];

  constructor() {
    for (const id of IDS) this.servers.join(id);
  }

  run(step: Step): void {
    this.#pass(1000);
    switch (step.kind) {
      case 'answer':
        this.#answer(step.id, step.list);
        break;
      case 'leave':
        this.#leave(step.id);
        break;
      case 'join':
        this.#join(step.id);
        break;
      case 'write':
        this.#write(step.ends);
        break;
      case 'wait':
        this.#pass(step.ms);
        break;
    }
  }

  /** Everyone answers and every write succeeds, for longer than any grace. */
  calm(): void {
    for (let round = 0; round < 3; round++) {
      this.#pass(31_000);
      for (const id of this.live) this.#answer(id, this.lists.get(id) ?? new Set());
      this.#write(['written']);
    }
  }

  /** The rooms that the table should hold, and those that it holds. */
  wanted(): Map<string, Set<string>> {
    const wanted = new Map<string, Set<string>>();
    for (const id of this.live)
      for (const room of this.lists.get(id) ?? []) wanted.set(room, (wanted.get(room) ?? new Set()).add(id));
    return wanted;
  }

  held(): Map<string, Set<string>> {
    return new Map([...this.comets].map(([room, comets]) => [room, new Set(comets)]));
  }

  /** Rooms of a comet's list that the table does not hold with it. */
  missing(id: string): string[] {
    return [...(this.lists.get(id) ?? [])].filter((room) => !this.comets.get(room)?.includes(id));
  }

  #put({ room, comets }: RoomItem): void {
    if (comets.length === 0) this.comets.delete(room);
    else this.comets.set(room, comets);
  }

  #pass(ms: number): void {
    this.now += ms;
    for (const { item } of this.#late.filter(({ at }) => at <= this.now)) this.#put(item);
    this.#late = this.#late.filter(({ at }) => at > this.now);
    for (const room of this.servers.doubtsToRead(this.now)) {
      const comets = this.comets.get(room) ?? [];
      this.servers.found({ room, comets, expiresAt: this.now / 1000 + ROOM_KEPT_S }, this.now);
    }
  }

  #answer(id: string, list: ReadonlySet<string>): void {
    if (!this.live.has(id)) return;
    this.lists.set(id, list);
    this.servers.answered(id, list, this.now);
  }

  #leave(id: string): void {
    if (this.live.delete(id)) this.servers.leave(id, this.now);
  }

  #join(id: string): void {
    if (this.live.has(id)) return;
    this.live.add(id);
    this.lists.delete(id);
    this.servers.join(id);
  }

  #write(ends: readonly WriteEnd[]): void {
    const { additions, others } = this.servers.due(this.now);
    for (const [i, item] of [...additions, ...others].entries())
      this.#end(item, ends[i % ends.length] ?? 'written');
  }

  #end(item: RoomItem, end: WriteEnd): void {
    if (end === 'unwritten') return;
    if (end === 'written' || end === 'arrived') this.#put(item);
    if (end === 'late') this.#late.push({ item, at: this.now + WRITE_LIFE_MS - 1 });
    if (end === 'written') this.servers.written(item, this.now);
    else this.servers.doubted(item.room, this.now);
  }
}
