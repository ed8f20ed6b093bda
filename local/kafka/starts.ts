import type { Edge, Fetcher } from './fetcher.ts';
import type { Member } from './member.ts';
import type { KafkaMemory } from './memory.ts';

export interface StartsOptions {
  readonly member: Pick<Member, 'committed' | 'commit'>;
  readonly fetcher: Pick<Fetcher, 'edges'>;
  readonly memory: Pick<KafkaMemory, 'isNew' | 'next'>;
  readonly start: Edge;
}

export interface Start {
  readonly offset: number;
  /** Less than `offset` if what this process has dealt with is not all committed. */
  readonly committed: number;
}

const isMissing = <K>(map: ReadonlyMap<K, unknown>, key: K): boolean => !map.has(key);

/** For a partition of which the group has committed nothing. */
const firstOffsets = async (
  partitions: readonly number[],
  { fetcher, memory, start }: StartsOptions,
): Promise<Map<number, number>> => {
  const edgeOf = (partition: number): Edge => (memory.isNew(partition) ? 'earliest' : start);
  const found = new Map<number, number>();
  for (const [edge, some] of Map.groupBy(partitions, edgeOf)) {
    for (const [partition, offset] of await fetcher.edges(some, edge)) found.set(partition, offset);
  }
  return found;
};

/**
 * Where to go on in each partition that has become ours. A place that is chosen and not committed would be chosen anew, further on,
 * by whoever gets the partition next, and what lies between would be lost: so it is committed before a record is read.
 */
export const startOffsets = async (
  partitions: readonly number[],
  options: StartsOptions,
): Promise<ReadonlyMap<number, Start>> => {
  const { member, memory } = options;
  const committed = await member.committed(partitions);
  const first = await firstOffsets(
    partitions.filter((partition) => isMissing(committed, partition)),
    options,
  );
  if (first.size > 0) await member.commit(first);
  return new Map(
    partitions.map((partition) => {
      const known = committed.get(partition) ?? first.get(partition) ?? 0;
      return [partition, { offset: Math.max(known, memory.next(partition) ?? 0), committed: known }];
    }),
  );
};
