import type { Op } from '../../lib/domain/op.ts';
import { describe, type Expected, hasOrder, lanesOf } from './expected.ts';

export interface AppliedOptions {
  /** Whether anybody stays in the room on this comet. */
  readonly hasMembers: (room: string) => boolean;
  readonly onInversion: (text: string) => void;
  readonly onFirst: (comet: string, record: Expected, at: number) => void;
}

/** No push has more keys. */
const MAX_KEYS = 8;

const indexesOf = (record: Expected, op: Op): number[] => {
  const { target } = record;
  return target.type === 'push' && op.type === 'push' ? op.keys.map((key) => target.keys.indexOf(key)) : [0];
};

/** What one comet has applied, and whether in order. */
export const createApplied = (comet: string, { hasMembers, onInversion, onFirst }: AppliedOptions) => {
  const firstAtByLane = new Map<number, number>();
  const highestByLane = new Map<string, Expected>();
  let duplicates = 0;

  /**
   * Where nobody stays in a room, its messages come only while the comet's list is not fresh: a batch that comes again may be routed
   * elsewhere, and the first attempt land late. There the connections alone are watched.
   */
  const checkOrder = (record: Expected, index: number): void => {
    const { target } = record;
    if (!hasOrder(record) || (target.type === 'room' && !hasMembers(target.room))) return;
    const lane = `${record.partition} ${lanesOf(record)[index]}`;
    const highest = highestByLane.get(lane);
    if (highest !== undefined && highest.offset > record.offset)
      onInversion(
        `comet ${comet}, ${lanesOf(record)[index]}: ${describe(record)} after ${describe(highest)}`,
      );
    else highestByLane.set(lane, record);
  };
  return {
    apply: (record: Expected, op: Op): void => {
      const at = performance.now();
      for (const index of indexesOf(record, op)) {
        const lane = record.n * MAX_KEYS + index;
        if (firstAtByLane.has(lane)) {
          duplicates += 1;
          continue;
        }
        firstAtByLane.set(lane, at);
        checkOrder(record, index);
        onFirst(comet, record, at);
      }
    },
    /** When the comet first applied the record's lane of this index, `performance.now()`. */
    firstAt: (n: number, index: number) => firstAtByLane.get(n * MAX_KEYS + index),
    counts: () => ({ applied: firstAtByLane.size, duplicates }),
  };
};
