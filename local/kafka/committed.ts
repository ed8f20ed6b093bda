import type { RecordsBatch } from '@platformatic/kafka';

/** As a fetch answers it; `firstOffset` is where the transaction begins in this partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** Of a batch's attributes, https://kafka.apache.org/documentation/#recordbatch: the bit of a transaction, and of its end. */
const IS_TRANSACTIONAL = 0x10;
const IS_CONTROL = 0x20;
/** https://kafka.apache.org/documentation/#controlbatch: the type stands behind the version. */
const TYPE_AT = 2;
const ABORT = 0;

const isControl = ({ attributes }: RecordsBatch): boolean => (attributes & IS_CONTROL) !== 0;
const isAbort = (batch: RecordsBatch): boolean =>
  isControl(batch) && batch.records[0]?.key?.readInt16BE(TYPE_AT) === ABORT;
const lastOffsetOf = ({ firstOffset, lastOffsetDelta }: RecordsBatch): bigint =>
  firstOffset + BigInt(lastOffsetDelta);

/**
 * The batches with records of users, without those of aborted transactions: as Kafka's own consumer reads committed records. The
 * library's filter knows one transaction a producer and answer, and passes on what its answer has no end of.
 */
export const committedBatches = (
  batches: readonly RecordsBatch[],
  abortedTransactions: readonly AbortedTransaction[],
): RecordsBatch[] => {
  const begins = abortedTransactions.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const abortedProducers = new Set<bigint>();
  return batches.filter((batch) => {
    for (
      let next = begins[0];
      next !== undefined && next.firstOffset <= lastOffsetOf(batch);
      [next] = begins
    ) {
      abortedProducers.add(next.producerId);
      begins.shift();
    }
    if (isAbort(batch)) abortedProducers.delete(batch.producerId);
    const isAborted = (batch.attributes & IS_TRANSACTIONAL) !== 0 && abortedProducers.has(batch.producerId);
    return !isControl(batch) && !isAborted;
  });
};
