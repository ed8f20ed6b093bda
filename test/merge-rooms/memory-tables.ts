import type { FleetComet, FleetHeader } from '../../lib/domain/fleet.ts';
import { type Lease, mayAsk, mayTake } from '../../lib/domain/lease.ts';
import type { RoomItem } from '../../lib/domain/room-servers.ts';
import type { WriteStatus } from '../../lib/domain/write-status.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { LeaseStore } from '../../lib/lease.ts';
import type { FleetStore, Written } from '../../lib/merge-rooms/fleet.ts';
import type { RoomStore } from '../../lib/merge-rooms/pass.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What becomes of a write: done, refused, or given up and then done at once, after some ms, or never. */
export type Fate = 'done' | 'refused' | 'given-up-done' | 'given-up-lost' | { givenUpDoneAfterMs: number };

export type Kind = 'comet' | 'room' | 'header' | 'acquire' | 'renew' | 'ask' | 'give-up' | 'release';

export interface MemoryTables {
  readonly comets: Map<string, FleetComet>;
  readonly items: Map<string, RoomItem>;
  readonly headers: FleetHeader[];
  lease: Lease | undefined;
  /** Writes in the order in which they reached the tables. */
  readonly done: { at: number; kind: Kind; key: string }[];
  readonly roomReads: { at: number; rooms: readonly string[] }[];
  fleetReads: number;
  /** Spoils writes. */
  fate: (kind: Kind, key: string) => Fate;
}

/** The stores as one process sees them; after `die` its calls go nowhere and never come back. */
export interface Session {
  readonly fleet: FleetStore;
  readonly rooms: RoomStore;
  readonly leases: LeaseStore;
  die(): void;
}

const THROTTLED = new ServiceError('STORE_THROTTLED', 'throttled', { retryable: true });
const UNANSWERED = new ServiceError('STORE_UNANSWERED', 'unanswered', { retryable: true });

export const createMemoryTables = (): MemoryTables => ({
  comets: new Map(),
  items: new Map(),
  headers: [],
  lease: undefined,
  done: [],
  roomReads: [],
  fleetReads: 0,
  fate: () => 'done',
});

/** `effect` answers whether its condition held. */
type Effect = () => boolean;

const createWriter = (tables: MemoryTables, clock: VirtualClock) => {
  const apply = (kind: Kind, key: string, effect: Effect): WriteStatus | 'condition-failed' => {
    if (!effect()) return 'condition-failed';
    tables.done.push({ at: clock.now(), kind, key });
    return 'written';
  };
  const giveUp = (fate: Fate, land: () => void): WriteStatus => {
    if (fate === 'given-up-done') land();
    if (typeof fate === 'object') clock.at(clock.now() + fate.givenUpDoneAfterMs, land);
    return 'unknown';
  };
  return (kind: Kind, key: string, effect: Effect): WriteStatus | 'condition-failed' => {
    const fate = tables.fate(kind, key);
    if (fate === 'refused') return 'unwritten';
    if (fate === 'done') return apply(kind, key, effect);
    return giveUp(fate, () => apply(kind, key, effect));
  };
};

export const openSession = (tables: MemoryTables, clock: VirtualClock): Session => {
  const write = createWriter(tables, clock);
  let isDead = false;

  const forever = <T>(): Promise<T> => new Promise(() => {});
  const call =
    <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => Promise<R>) =>
    async (...args) => {
      if (isDead) return forever();
      const result = work(...args);
      return isDead ? forever() : result;
    };

  const conditional = (kind: Kind, key: string, effect: Effect): boolean => {
    const status = write(kind, key, effect);
    if (status === 'unwritten') throw THROTTLED;
    if (status === 'unknown') throw UNANSWERED;
    return status === 'written';
  };

  const batch = <T>(items: readonly T[], startWithinMs: number, one: (item: T) => WriteStatus): Written => {
    const statuses = items.map((item) => (isDead || startWithinMs <= 0 ? 'unwritten' : one(item)));
    return { statuses, failure: statuses.every((status) => status === 'written') ? undefined : THROTTLED };
  };
  const unconditional = (kind: Kind, key: string, effect: () => unknown): WriteStatus => {
    const status = write(kind, key, () => {
      effect();
      return true;
    });
    return status === 'condition-failed' ? 'unwritten' : status;
  };

  const setLease = (lease: Lease, mayTake: (current: Lease | undefined) => boolean): boolean => {
    if (!mayTake(tables.lease)) return false;
    tables.lease = lease;
    return true;
  };

  return {
    die: () => {
      isDead = true;
    },
    fleet: {
      readHeader: call(() => tables.headers.at(-1)),
      readComets: call(() => {
        tables.fleetReads += 1;
        return [...tables.comets.values()];
      }),
      writeComets: call((changes, startWithinMs) =>
        batch(changes, startWithinMs, ({ id, comet }) =>
          unconditional('comet', id, () =>
            comet === undefined ? tables.comets.delete(id) : tables.comets.set(id, comet),
          ),
        ),
      ),
      writeHeader: call((header) =>
        conditional('header', String(header.version), () => {
          if ((tables.headers.at(-1)?.mergedAt ?? 0) >= header.mergedAt) return false;
          tables.headers.push(header);
          return true;
        }),
      ),
    },
    rooms: {
      scan: async function* () {
        if (isDead) await forever();
        yield [...tables.items.values()];
      },
      readRooms: call((rooms) => {
        tables.roomReads.push({ at: clock.now(), rooms });
        const found = rooms.flatMap((room) => tables.items.get(room) ?? []);
        return new Map(found.map(({ room, comets }) => [room, new Set(comets)]));
      }),
      writeRooms: call((items, startWithinMs) =>
        batch(items, startWithinMs, (item) =>
          unconditional('room', item.room, () =>
            item.comets.length === 0 ? tables.items.delete(item.room) : tables.items.set(item.room, item),
          ),
        ),
      ),
    },
    leases: {
      read: call(() => tables.lease),
      acquire: call((lease, ranOutBefore) =>
        conditional('acquire', lease.owner, () =>
          setLease(lease, (now) => now === undefined || mayTake(now, lease.owner, ranOutBefore)),
        ),
      ),
      renew: call((lease) =>
        conditional('renew', lease.owner, () =>
          setLease({ ...lease, ask: tables.lease?.ask }, (now) => now?.owner === lease.owner),
        )
          ? { woken: [], isAsked: tables.lease?.ask !== undefined }
          : undefined,
      ),
      ask: call((lease) =>
        conditional('ask', lease.owner, () => {
          if (tables.lease === undefined || !mayAsk(tables.lease, lease)) return false;
          tables.lease = { ...tables.lease, ask: lease.owner };
          return true;
        }),
      ),
      giveUp: call((_name, owner) =>
        conditional('give-up', owner, () => {
          if (tables.lease?.owner !== owner) return false;
          tables.lease = { ...tables.lease, owner: '', fingerprint: '', endsAt: 0 };
          return true;
        }),
      ),
      release: call((_name, owner) =>
        conditional('release', owner, () => {
          if (tables.lease?.owner !== owner) return false;
          tables.lease = undefined;
          return true;
        }),
      ),
    },
  };
};
