import type { Lease } from '../../../lib/domain/lease.ts';
import type { Mark } from '../../../lib/domain/mark.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { DELIVERED } from '../../../lib/domain/outcome.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import { createMergeRooms } from '../../../lib/merge-rooms/merge-rooms.ts';
import { redeliverComet } from '../../../lib/redeliver/comet.ts';
import type { Broken, World } from './world.ts';

export interface Invocation {
  readonly process: string;
  readonly fingerprint: string;
  /** How far its clock is from the true one, ms. */
  readonly skewMs: number;
}

const MINUTES_15 = 900_000;
const MARK: Mark = { comet: 'a', partition: 't-0', parkedThrough: 1, token: 'x' };
const OP: Op = { type: 'room', id: 't/0/1', room: 'r', operation: 1, body: '', timestamp: 0 };
const RUN = { comet: 'a', partition: 't-0', run: '00000000000000000001#x', replayed: false, ops: [OP] };
const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {}, metric: () => {}, flush: () => {} };
const unanswered = () => new ServiceError('STORE_UNANSWERED', 'lost', { retryable: true });
const unasked = () => Promise.reject(new TypeError('not asked for'));

/** Calls that the walk answers, or loses. */
const callsOf = (world: World, process: string, broken?: Broken) => {
  const call = <T>(name: string, dueAt: number, land: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      // A write that was given up is taken for one that was done.
      const lose = () =>
        broken === 'unseen-write' && name === 'write' ? resolve(true as T) : reject(unanswered());
      const startedAt = world.now;
      world.pending.push({
        process,
        name,
        startedAt,
        dueAt,
        land,
        lose,
        resolve: resolve as (answer: unknown) => void,
      });
    });
  return { call, store: <T>(name: string, land: () => T) => call(name, world.now, land) };
};

/** What a process of either kind needs; each call waits for the walk. */
export const portsOf = (world: World, { process, fingerprint, skewMs }: Invocation, broken?: Broken) => {
  const { call, store } = callsOf(world, process, broken);
  const now = () => world.now + skewMs;
  const { lease } = world;
  return {
    store,
    deps: {
      leases: {
        read: (name: string) => store('read', () => lease.read(name)),
        acquire: (next: Lease, ranOutBefore: number) =>
          store('acquire', () => lease.acquire(process, next, ranOutBefore)),
        renew: (next: Lease) => store('renew', () => lease.renew(next)),
        ask: (next: Lease) => store('ask', () => lease.ask(next)),
        giveUp: (name: string, owner: string) => store('give up', () => lease.giveUp(name, owner)),
        release: (name: string, owner: string) => store('release', () => lease.release(name, owner)),
        wake: (name: string, work: readonly string[]) => store('wake', () => lease.wake(name, work)),
      },
      clock: { now, sleep: (ms: number) => call<void>('sleep', world.now + ms, () => {}) },
      owner: () => `${new Date(now()).toISOString()}#${process}`,
      fingerprint,
      log: QUIET,
    },
    endsAt: now() + MINUTES_15,
  };
};

/** The real `mergeRooms` without comets: of its writes the header is left. */
export const runMerge = (world: World, invocation: Invocation, broken?: Broken): Promise<unknown> => {
  const { deps, store, endsAt } = portsOf(world, invocation, broken);
  const written = async () => ({ statuses: [], failure: undefined });
  return createMergeRooms({
    ...deps,
    fleet: {
      readHeader: async () => undefined,
      readComets: async () => [],
      writeComets: written,
      writeHeader: () => store('write', () => world.landHeader(invocation.process)),
    },
    rooms: { scan: async function* () {}, readRooms: async () => new Map(), writeRooms: written },
    registry: { query: {}, comets: async () => ({ comets: [], refused: [] }) },
    sweep: async () => 0,
    openComet: () => {
      throw new TypeError('there is no comet');
    },
  })({ endsAt });
};

/** The real `redeliver` of one comet with one op parked; the comet takes it if the walk does not lose the call. `invoke` starts another. */
export const runRedeliver = (
  world: World,
  invocation: Invocation,
  invoke: () => void,
  broken?: Broken,
): Promise<unknown> => {
  const { deps, store, endsAt } = portsOf(world, invocation, broken);
  return redeliverComet(
    {
      ...deps,
      behind: {
        partitionsOf: async () => [],
        readMark: () => store('read mark', () => (world.isParked ? MARK : undefined)),
        remove: () =>
          store('remove mark', () => {
            world.isParked = false;
            return true;
          }),
      },
      parked: {
        read: async () => ({
          runs: [{ ...RUN, parkedAt: deps.clock.now() }],
          complete: true,
        }),
        remove: async () => {},
        rewrite: async () => {},
      },
      fleet: {
        readHeader: async () => undefined,
        readComet: async () => ({ id: 'a', addresses: ['http://a'] }),
      },
      deliverer: { deliver: () => store('deliver', () => [DELIVERED]) },
      deadLetters: { write: unasked },
      wake: () => store('invoke', () => invoke()),
      messageTtlS: 0,
    },
    { comet: 'a', partitions: ['t-0'] },
    endsAt - 30_000,
  );
};
