import type { RecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { committedBatches } from '../../../local/kafka/committed.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

const batch = (firstOffset: number, of: Partial<RecordsBatch>): RecordsBatch => ({
  firstOffset: BigInt(firstOffset),
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes: 0,
  lastOffsetDelta: 0,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: 0,
  firstSequence: 0,
  records: [],
  ...of,
});
const plain = (offset: number) => batch(offset, {});
const sent = (offset: number, producerId: bigint) => batch(offset, { producerId, attributes: TRANSACTIONAL });
const end = (offset: number, producerId: bigint, type: 'abort' | 'commit') =>
  batch(offset, {
    producerId,
    attributes: TRANSACTIONAL | CONTROL,
    records: [
      {
        length: 0,
        attributes: 0,
        timestampDelta: 0n,
        offsetDelta: 0,
        key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
        value: null,
        headers: [],
      },
    ],
  });
const aborted = (producerId: bigint, firstOffset: number) => ({
  producerId,
  firstOffset: BigInt(firstOffset),
});
const offsets = (...answer: Parameters<typeof committedBatches>): number[] =>
  committedBatches(...answer).map(({ firstOffset }) => Number(firstOffset));

describe('what was fetched', () => {
  it('is without control batches', () => {
    expect(offsets([plain(0), sent(1, 7n), end(2, 7n, 'commit'), plain(3)], [])).toEqual([0, 1, 3]);
  });

  it('is without every aborted transaction of a producer, committed ones between them', () => {
    const batches = [
      sent(0, 7n),
      end(1, 7n, 'abort'),
      sent(2, 7n),
      end(3, 7n, 'commit'),
      sent(4, 7n),
      end(5, 7n, 'abort'),
      sent(6, 7n),
      end(7, 7n, 'commit'),
    ];
    expect(offsets(batches, [aborted(7n, 4), aborted(7n, 0)])).toEqual([2, 6]);
  });

  it('is without an aborted transaction that the answer has no end of', () => {
    expect(offsets([sent(10, 7n), sent(11, 7n)], [aborted(7n, 3)])).toEqual([]);
  });

  it('keeps what others wrote meanwhile, in a transaction or without', () => {
    const batches = [sent(0, 7n), sent(1, 8n), plain(2), batch(3, { producerId: 7n }), end(4, 7n, 'abort')];
    expect(offsets(batches, [aborted(7n, 0)])).toEqual([1, 2, 3]);
  });

  it('keeps what came before the aborted transaction began', () => {
    expect(offsets([sent(0, 7n), end(1, 7n, 'commit'), sent(2, 7n)], [aborted(7n, 2)])).toEqual([0]);
  });
});
