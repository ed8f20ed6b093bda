import { type Lease, mayAsk, mayTake } from '../../../lib/domain/lease.ts';
import { STORE_CALL_MS, WRITE_LIFE_MS } from '../../../lib/domain/limits.ts';

/** A protection that is taken out, to see that its absence is found. */
export const BROKEN_LEASES = [
  'asked-by-earlier',
  'taken-by-earlier',
  'taken-while-held',
  'unseen-write',
  'never-runs-out',
] as const;
export type Broken = (typeof BROKEN_LEASES)[number];

export interface Call {
  readonly process: string;
  readonly name: string;
  /** A write may land until `WRITE_LIFE_MS` later; a sleep ends from `dueAt` on. */
  readonly startedAt: number;
  readonly dueAt: number;
  /** Lands; answers what the caller is told. */
  readonly land: () => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly lose: () => void;
}

/** The tables, true time and what is under way between them and the processes. */
export interface World {
  now: number;
  violation: string | undefined;
  isParked: boolean;
  giveUps: number;
  pending: Call[];
  floating: Call[];
  readonly dead: Set<string>;
  readonly steps: string[];
  readonly lease: LeaseEffects;
  /** The last header of the merge: who wrote it must have taken the lease last. */
  landHeader(process: string): boolean;
  advance(to: number): void;
}

export interface LeaseEffects {
  read(name: string): Lease | undefined;
  acquire(process: string, lease: Lease, ranOutBefore: number): boolean;
  renew(lease: Lease): { woken: string[]; isAsked: boolean } | undefined;
  ask(lease: Lease): boolean;
  giveUp(name: string, owner: string): boolean;
  release(name: string, owner: string): boolean;
  wake(name: string, work: readonly string[]): boolean;
}

interface Tables {
  readonly leases: Map<string, Lease>;
  readonly wakes: Map<string, Set<string>>;
  merging: string | undefined;
}

const isFree = (lease: Lease | undefined, owner: string, ranOutBefore: number, broken?: Broken): boolean => {
  if (lease === undefined || broken === 'taken-while-held') return true;
  if (broken === 'never-runs-out') return mayTake(lease, owner, 0);
  if (broken === 'taken-by-earlier' && lease.owner === '') return true;
  return mayTake(lease, owner, ranOutBefore);
};

const isAskable = (lease: Lease, by: Lease, broken?: Broken): boolean =>
  broken === 'asked-by-earlier'
    ? lease.owner !== '' && lease.owner !== by.owner && lease.fingerprint !== by.fingerprint
    : mayAsk(lease, by);

const leaseEffects = (world: () => World, tables: Tables, broken?: Broken): LeaseEffects => {
  const { leases, wakes } = tables;
  const own = (name: string, owner: string): Lease | undefined => {
    const lease = leases.get(name);
    return lease?.owner === owner ? lease : undefined;
  };
  const checkHandOver = (before: Lease | undefined, next: Lease, ranOutBefore: number): void => {
    const isHandedOver = before?.owner === '' && before.until >= ranOutBefore;
    if (isHandedOver && (before.ask ?? '') > next.owner)
      world().violation ??= `${next.name} is handed to ${next.owner}, which started before ${before.ask}`;
  };
  return {
    read: (name) => leases.get(name),
    acquire: (process, lease, ranOutBefore) => {
      const before = leases.get(lease.name);
      if (!isFree(before, lease.owner, ranOutBefore, broken)) return false;
      checkHandOver(before, lease, ranOutBefore);
      leases.set(lease.name, lease);
      if (lease.name === 'merge-rooms') tables.merging = process;
      return true;
    },
    renew: (lease) => {
      const before = own(lease.name, lease.owner);
      if (before === undefined) return undefined;
      const woken = [...(wakes.get(lease.name) ?? [])];
      wakes.delete(lease.name);
      leases.set(lease.name, { ...lease, ask: before.ask });
      return { woken, isAsked: before.ask !== undefined };
    },
    ask: (lease) => {
      const before = leases.get(lease.name);
      if (before === undefined || !isAskable(before, lease, broken)) return false;
      leases.set(lease.name, { ...before, ask: lease.owner });
      return true;
    },
    giveUp: (name, owner) => {
      const before = own(name, owner);
      if (before === undefined) return false;
      world().giveUps += 1;
      if (before.ask !== undefined && before.ask < owner)
        world().violation ??= `${name} is given up for ${before.ask}, which started before ${owner}`;
      leases.set(name, { ...before, owner: '', fingerprint: '', endsAt: 0 });
      return true;
    },
    release: (name, owner) =>
      own(name, owner) !== undefined && (wakes.get(name)?.size ?? 0) === 0 && leases.delete(name),
    wake: (name, work) => {
      if (!leases.has(name)) return false;
      wakes.set(name, new Set([...(wakes.get(name) ?? []), ...work]));
      return true;
    },
  };
};

export const createWorld = (startAt: number, broken?: Broken): World => {
  const tables: Tables = { leases: new Map(), wakes: new Map(), merging: undefined };
  const world: World = {
    now: startAt,
    violation: undefined,
    isParked: true,
    giveUps: 0,
    pending: [],
    floating: [],
    dead: new Set(),
    steps: [],
    lease: leaseEffects(() => world, tables, broken),
    landHeader: (process) => {
      if (tables.merging !== process)
        world.violation ??= `${process} writes, and ${tables.merging} has the lease`;
      return true;
    },
    advance: (to) => {
      world.now = Math.max(world.now, to);
      const late = world.pending.filter(
        ({ name, startedAt }) => name !== 'sleep' && startedAt + STORE_CALL_MS < world.now,
      );
      world.pending = world.pending.filter((call) => !late.includes(call));
      world.floating = [...world.floating, ...late].filter(
        ({ startedAt }) => startedAt + WRITE_LIFE_MS >= world.now,
      );
      for (const { lose } of late) lose();
    },
  };
  return world;
};
