import type { Lease } from '../../lib/domain/lease.ts';
import type { Mark } from '../../lib/domain/mark.ts';
import { ServiceError } from '../../lib/errors.ts';
import { mapInFlight } from '../../lib/store/map-in-flight.ts';
import type { ParkedPage } from '../../lib/store/parked.ts';
import type { StatusTables } from './tables.ts';

/** What waits for one comet of one partition. */
export interface QueueStatus {
  readonly comet: string;
  readonly partition: string;
  /** The highest offset that was parked. */
  readonly parkedThrough: number;
  /** Of the beginning of the queue, some MiB of it: all of it unless there are `more`. */
  readonly ops: number;
  readonly more: boolean;
  /** ms since 1970; undefined: nothing is parked, or not any more. */
  readonly oldestAt?: number | undefined;
  /** Who redelivers. */
  readonly owner?: Lease | undefined;
  /** Why the queue cannot be read. */
  readonly problem?: string | undefined;
}

export interface ParkedStatus {
  readonly queues: readonly QueueStatus[];
  /** Queues that were not looked into. */
  readonly left: number;
}

/** Of each, some MiB are read. */
const MAX_QUEUES = 200;
const READS_IN_FLIGHT = 8;

const redeliverLease = (comet: string): string => `redeliver#${comet}`;

const pageOf = async (
  parked: StatusTables['parked'],
  { comet, partition }: Mark,
): Promise<ParkedPage | { readonly problem: string }> => {
  try {
    return await parked.read(comet, partition);
  } catch (error) {
    if (error instanceof ServiceError && error.code.startsWith('PAYLOAD')) return { problem: error.message };
    throw error;
  }
};

const countOf = (page: ParkedPage) => {
  const times = page.runs.map(({ parkedAt }) => parkedAt);
  return {
    ops: page.runs.reduce((sum, { ops }) => sum + ops.length, 0),
    more: !page.complete,
    ...(times.length === 0 ? {} : { oldestAt: Math.min(...times) }),
  };
};

const byPlace = (a: Mark, b: Mark): number =>
  a.comet.localeCompare(b.comet, 'en', { numeric: true }) ||
  a.partition.localeCompare(b.partition, 'en', { numeric: true });

/** A queue a mark. Rejects with the store's errors. */
export const readParked = async ({
  behind,
  parked,
  leases,
}: Pick<StatusTables, 'behind' | 'parked' | 'leases'>): Promise<ParkedStatus> => {
  const marks = (await behind.scan()).toSorted(byPlace);
  const shown = marks.slice(0, MAX_QUEUES);
  const comets = [...new Set(shown.map(({ comet }) => comet))];
  const owners = await mapInFlight(comets, READS_IN_FLIGHT, (comet) => leases.read(redeliverLease(comet)));
  const ownerByComet = new Map(comets.map((comet, index) => [comet, owners[index]]));
  const queues = await mapInFlight(shown, READS_IN_FLIGHT, async (mark) => {
    const page = await pageOf(parked, mark);
    const { comet, partition, parkedThrough } = mark;
    const found = 'problem' in page ? { ops: 0, more: false, problem: page.problem } : countOf(page);
    return { comet, partition, parkedThrough, owner: ownerByComet.get(comet), ...found };
  });
  return { queues, left: marks.length - shown.length };
};
