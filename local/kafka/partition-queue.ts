import type { KafkaRecord } from '../event-source/batch.ts';

export interface QueueLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** The records of one partition that were fetched and not yet taken, for as long as the partition is ours. */
export interface PartitionQueue {
  /** The offset to fetch next. */
  position(): number;
  hasRoom(limits: QueueLimits): boolean;
  /** Appends what was fetched from `position`. */
  append(records: readonly KafkaRecord[], next: number): void;
  /** Offers the records in order, up to the first one that is declined; the others are gone. */
  offer(accept: (record: KafkaRecord) => boolean): void;
  /** Everything before the offset is dealt with: it is neither offered nor fetched any more. */
  skipTo(offset: number): void;
  /** Goes on there, backwards too, because the log does not have the position. */
  moveTo(offset: number): void;
}

/** What a record takes beside its key and value, so that empty ones are not free. */
const RECORD_BYTES = 256;

const bytesOf = ({ key, value }: KafkaRecord): number =>
  RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);

export const createPartitionQueue = (start: number): PartitionQueue => {
  let records: KafkaRecord[] = [];
  /** The first record that is not taken: taking one off the front of a long list costs the whole list. */
  let first = 0;
  let bytes = 0;
  let position = start;
  const take = (record: KafkaRecord) => {
    first += 1;
    bytes -= bytesOf(record);
  };
  const compact = () => {
    records = records.slice(first);
    first = 0;
  };
  return {
    position: () => position,
    hasRoom: ({ maxRecords, maxBytes }) => records.length - first < maxRecords && bytes < maxBytes,
    append: (more, next) => {
      compact();
      for (const record of more) {
        records.push(record);
        bytes += bytesOf(record);
      }
      position = next;
    },
    offer: (accept) => {
      for (let record = records[first]; record !== undefined && accept(record); record = records[first]) {
        take(record);
      }
    },
    skipTo: (offset) => {
      for (let record = records[first]; record !== undefined && record.offset < offset; ) {
        take(record);
        record = records[first];
      }
      position = Math.max(position, offset);
    },
    moveTo: (offset) => {
      position = offset;
    },
  };
};
