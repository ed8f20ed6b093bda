import { createDispatch } from '../../lib/dispatch/dispatch.ts';
import { type EncodedOp, encodeOp } from '../../lib/domain/batch.ts';
import { MAX_RUN_BYTES } from '../../lib/domain/limits.ts';
import type { Mark as RealMark } from '../../lib/domain/mark.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { offsetOf, type ParkedRun } from '../../lib/domain/parked-run.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { createPark, type Park } from '../../lib/parking/park.ts';
import { redeliverComet } from '../../lib/redeliver/comet.ts';
import type { Answer, Call, Said } from './calls.ts';
import type { Ask, Program } from './process.ts';
import type { Scenario } from './scenario.ts';
import {
  COMET,
  createTranslation,
  markOf,
  partitionOf,
  partitionOfOps,
  toMark,
  toRun,
} from './translation.ts';

const LATER_MS = 1e9;

const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {}, metric: () => {}, flush: () => {} };

const unanswered = (): ServiceError => new ServiceError('STORE_UNANSWERED', 'lost', { retryable: true });

const OUTCOMES: Readonly<Record<Said, Outcome>> = {
  delivered: DELIVERED,
  unreachable: undelivered('COMET_UNREACHABLE'),
  timeout: undelivered('COMET_TIMEOUT'),
  status: undelivered('COMET_STATUS'),
  skipped: undelivered('DELIVERY_SKIPPED'),
};

/** Asks, and turns a lost answer into the store's error. */
const asking =
  (ask: Ask) =>
  async <K extends Answer['kind']>(call: Call, kind: K): Promise<Extract<Answer, { kind: K }>> => {
    const answer = await ask(call);
    if (answer.kind === 'unanswered') throw unanswered();
    if (answer.kind !== kind) throw new TypeError(`${call.kind} was answered ${answer.kind}`);
    return answer as Extract<Answer, { kind: K }>;
  };

/** The real use cases of one scenario, over ports that ask. */
export const createPrograms = ({ lanes, maxRun, broken }: Scenario) => {
  const { messageOf, opOf, runOf } = createTranslation(lanes);

  const deliver = async (ask: Ask, partition: number, ops: readonly Op[]): Promise<Outcome[]> => {
    const { said } = await asking(ask)({ kind: 'deliver', partition, offsets: ops.map(offsetOf) }, 'said');
    return said.map((one) => OUTCOMES[one]);
  };

  const writers = (ask: Ask) => {
    const call = asking(ask);
    /** None is too large. */
    const put = async (runs: readonly ParkedRun[]): Promise<ParkedRun[]> => {
      await call({ kind: 'put', runs: runs.map(toRun) }, 'none');
      return [];
    };
    const raise = async (mark: RealMark): Promise<boolean> =>
      (await call({ kind: 'raise', mark: toMark(mark) }, 'held')).held;
    if (broken !== 'raise-before-put') return { put, raise };
    let held: readonly ParkedRun[] = [];
    return {
      put: async (runs: readonly ParkedRun[]): Promise<ParkedRun[]> => {
        held = runs;
        return [];
      },
      raise: async (mark: RealMark): Promise<boolean> => {
        const isNew = await raise(mark);
        await put(held);
        return isNew;
      },
    };
  };

  /** `pid` makes its random names its own. */
  const parkOf = (ask: Ask, pid: number): Park => {
    const { put, raise } = writers(ask);
    let names = 0;
    let isPut = false;
    const park = createPark({
      parked: {
        put: (runs) => {
          isPut = true;
          return put(runs);
        },
      },
      behind: { raise },
      // A redeliverer may start at any time, so nobody has to be woken.
      wake: async () => {},
      now: () => 0,
      log: QUIET,
      random: () => (broken === 'one-run-name' && !isPut ? 'x' : `${pid}.${names++}`),
    });
    const bytes = Math.floor(MAX_RUN_BYTES / maxRun) - 1;
    return (comet, ops, options) =>
      park(
        comet,
        ops.map((op): EncodedOp => ({ ...op, bytes })),
        options,
      );
  };

  const deadLetters = {
    write: async (): Promise<void> => {
      throw new TypeError('the model gives nothing up');
    },
  };

  const dispatch =
    (partition: number, offsets: readonly number[], pid: number, replayed: boolean): Program =>
    (ask) =>
      createDispatch({
        // The fleet is one comet that is always in it: nothing to interleave with.
        view: {
          load: async () => ({
            comets: new Map([[COMET.id, COMET]]),
            fresh: new Set(),
            silent: new Set(),
            cometsByRoom: new Map(),
          }),
        },
        roomRouting: 'all',
        sender: {
          send: (_, chunk) =>
            deliver(
              ask,
              partition,
              chunk.ops.map(({ op }) => op),
            ),
          heldBytes: ({ bytes }) => bytes,
        },
        behind: {
          readPartition: async () =>
            (await asking(ask)({ kind: 'readMarks', partition }, 'marks')).marks.map(markOf),
        },
        park: parkOf(ask, pid),
        deadLetters,
        messageTtlS: 0,
        log: QUIET,
        // No comet is late.
        clock: { now: () => 0, sleep: () => new Promise(() => {}) },
      })(
        offsets.map((offset) => messageOf(partition, offset)),
        { endsAt: LATER_MS, replayed },
      );

  /** By hand, from dead letters. */
  const replayOp =
    (partition: number, offset: number, pid: number): Program =>
    async (ask) => {
      await parkOf(ask, pid)(COMET.id, [encodeOp(opOf(partition, offset))], {
        inFleet: true,
        replayed: true,
      });
    };

  const redeliver =
    (partitions: readonly number[]): Program =>
    async (ask) => {
      const call = asking(ask);
      await redeliverComet(
        {
          behind: {
            partitionsOf: async () => [],
            readMark: async (name) => {
              const { marks } = await call({ kind: 'readMark', partition: partitionOf(name) }, 'marks');
              const mark = marks[0];
              if (mark === undefined) return undefined;
              return { ...markOf(mark), ...(broken === 'past-the-mark' ? { parkedThrough: Infinity } : {}) };
            },
            remove: async (mark) => (await call({ kind: 'removeMark', mark: toMark(mark) }, 'held')).held,
          },
          parked: {
            read: async (_, name) => {
              const { runs } = await call({ kind: 'readRuns', partition: partitionOf(name) }, 'runs');
              return { runs: runs.map(runOf), complete: true };
            },
            remove: async (runs) => {
              if (runs.length > 0) await call({ kind: 'removeRuns', runs: runs.map(toRun) }, 'none');
            },
            rewrite: async (run) => {
              await call({ kind: 'rewrite', run: toRun(run) }, 'none');
            },
          },
          // Given to all who ask: the protocol has to hold when a lease has run out.
          leases: {
            read: async () => undefined,
            acquire: async () => true,
            renew: async () => ({ woken: [], isAsked: false }),
            ask: async () => false,
            giveUp: async () => true,
            release: async () => true,
            wake: async () => true,
          },
          fleet: { readHeader: async () => undefined, readComet: async () => COMET },
          deliverer: { deliver: (_, ops) => deliver(ask, partitionOfOps(ops), ops) },
          deadLetters,
          messageTtlS: 0,
          clock: {
            now: () => 0,
            sleep: async () => {
              await ask({ kind: 'sleep' });
            },
          },
          wake: async () => {},
          owner: () => 'owner',
          fingerprint: '',
          log: QUIET,
        },
        { comet: COMET.id, partitions: partitions.map((partition) => `t-${partition}`) },
        LATER_MS,
      );
    };

  return { dispatch, replayOp, redeliver };
};
