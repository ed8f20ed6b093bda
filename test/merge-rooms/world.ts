import type { CometClient } from '../../lib/comet/client.ts';
import type { RegistryAnswer } from '../../lib/domain/comet-entry.ts';
import type { Comet } from '../../lib/domain/fleet.ts';
import { MERGE_END_MS } from '../../lib/domain/limits.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import { createMergeRooms, type MergeEnd } from '../../lib/merge-rooms/merge-rooms.ts';
import { createMemoryTables, type MemoryTables, openSession, type Session } from './memory-tables.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export const START = 1_700_000_000_000;

/** How a comet answers when it is asked for its rooms. */
export type Rooms = ReadonlySet<string> | 'fails' | 'hangs' | 'hangs-deaf';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface Invocation {
  readonly owner?: string;
  readonly fingerprint?: string;
  readonly stores?: Omit<Session, 'die'>;
}

/** A fleet, its registry and its tables, in virtual time. */
export interface World {
  readonly clock: VirtualClock;
  readonly tables: MemoryTables;
  /** By address. */
  readonly roomsByAddress: Map<string, Rooms>;
  /** Says when the rooms of all comets change; none by default. */
  roomsChange: CometClient['roomsChange'];
  registry: RegistryAnswer | 'fails' | 'hangs';
  /** How long a comet takes to answer, ms. */
  answerMs: number;
  /** Wakes who is behind and meant; answers how many it could not. */
  sweep(isMeant: (comet: string) => boolean): Promise<number>;
  readonly asked: { at: number; address: string }[];
  readonly closed: string[];
  /** When calls that hung were ended, ms after the start. */
  readonly ended: number[];
  readonly lines: LogLine[];
  readonly metrics: { name: string; value: number }[];
  flushes: number;
  /** Does something `ms` after the start. */
  after(ms: number, action: () => void): void;
  /** One invocation whose loop ends `ms` after it began; `owner` names it. */
  merge(ms: number, options?: Invocation): Promise<MergeEnd>;
  /** The same, beside others. */
  start(ms: number, options?: Invocation): Promise<MergeEnd>;
  /** The ids that the last header at or before `ms` after the start calls fresh. */
  freshAt(ms: number): string[];
  /** The comets of each room. */
  rooms(): Record<string, string[]>;
}

export const comet = (id: string, ...addresses: string[]): Comet => ({
  id,
  addresses: addresses.length === 0 ? [`http://${id}`] : addresses,
});

export const fleetOf = (...comets: Comet[]): RegistryAnswer => ({ comets, refused: [] });

const failed = (code: 'COMET_UNREACHABLE' | 'REGISTRY_FAILED') =>
  new ServiceError(code, 'failed', { retryable: true });

export const createWorld = (...comets: Comet[]): World => {
  const clock = createVirtualClock(START);

  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        world.ended.push(clock.now() - START);
        reject(new ServiceError('COMET_TIMEOUT', 'hangs', { retryable: true }));
      });
    });

  const answerRooms = async (address: string, signal: AbortSignal): Promise<ReadonlySet<string>> => {
    world.asked.push({ at: clock.now() - START, address });
    const rooms = world.roomsByAddress.get(address) ?? new Set<string>();
    if (rooms === 'fails') throw failed('COMET_UNREACHABLE');
    if (rooms === 'hangs') return hang(signal);
    if (world.answerMs > 0) await clock.sleep(world.answerMs);
    return rooms === 'hangs-deaf' ? new Promise(() => {}) : rooms;
  };

  const openComet = ({ addresses }: Comet): CometClient => {
    const address = addresses[0] ?? '';
    return {
      rooms: (signal) => answerRooms(address, signal),
      ...(world.roomsChange === undefined ? {} : { roomsChange: world.roomsChange }),
      deliver: () => Promise.reject(new Error('not asked for')),
      close: () => {
        world.closed.push(address);
      },
    };
  };

  const log: Log = {
    info: (message, fields = {}) => world.lines.push({ level: 'info', message, fields }),
    warn: (message, fields = {}) => world.lines.push({ level: 'warn', message, fields }),
    error: (message, fields = {}) => world.lines.push({ level: 'error', message, fields }),
    metric: (name, value) => world.metrics.push({ name, value }),
    flush: () => {
      world.flushes += 1;
    },
  };

  const askRegistry = async (signal: AbortSignal): Promise<RegistryAnswer> => {
    if (world.registry === 'fails') throw failed('REGISTRY_FAILED');
    return world.registry === 'hangs' ? hang(signal) : world.registry;
  };

  const world: World = {
    clock,
    tables: createMemoryTables(),
    roomsByAddress: new Map(),
    roomsChange: undefined,
    registry: fleetOf(...comets),
    answerMs: 0,
    sweep: async () => 0,
    asked: [],
    closed: [],
    ended: [],
    lines: [],
    metrics: [],
    flushes: 0,
    after: (ms, action) => clock.at(START + ms, action),
    start: (ms, { owner = 'one', fingerprint = '', stores = openSession(world.tables, clock) } = {}) =>
      createMergeRooms({
        fleet: stores.fleet,
        rooms: stores.rooms,
        leases: stores.leases,
        registry: { query: { registry: 'discovery', env: 'prod' }, comets: askRegistry },
        sweep: (isMeant) => world.sweep(isMeant),
        openComet,
        clock,
        log,
        owner: () => owner,
        fingerprint,
      })({ endsAt: clock.now() + ms + MERGE_END_MS }),
    merge: (ms, options) => clock.run(world.start(ms, options)),
    freshAt: (ms) =>
      [...(world.tables.headers.findLast(({ mergedAt }) => mergedAt <= START + ms)?.fresh ?? [])].sort(),
    rooms: () =>
      Object.fromEntries(
        [...world.tables.items].map(([room, { comets }]) => [room, [...comets].sort()]).sort(),
      ),
  };
  return world;
};
