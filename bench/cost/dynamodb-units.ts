import { keptBytes } from '../../lib/dispatch/view.ts';
import {
  MAX_VIEW_BYTES,
  MERGE_INTERVAL_MS,
  NAMED_CHANGES_BYTES,
  NAMED_CHANGES_PASSES,
  SWEEP_INTERVAL_MS,
  VIEW_TTL_MS,
} from '../../lib/domain/limits.ts';
import type { Batches } from './batches.ts';
import { cometsOfRoom, distinct, type Workload } from './workload.ts';

/** Units a second: consistent reads of 4 KB, writes of 1 KB. */
export interface DynamoDbUnits {
  readonly headerReads: number;
  readonly roomReads: number;
  /** Who is behind, a Query a partition of a batch. */
  readonly markReads: number;
  readonly mergeReads: number;
  readonly mergeWrites: number;
}

/** Assumed: a comet's id and a room's, in an item. */
const COMET_BYTES = 12;
const ROOM_BYTES = 20;
const ITEM_BYTES = 60;

const PASS_S = MERGE_INTERVAL_MS / 1000;
const KEPT_S = NAMED_CHANGES_PASSES * PASS_S;

export const readUnits = (bytes: number): number => Math.ceil(bytes / 4096);
export const writeUnits = (bytes: number): number => Math.ceil(bytes / 1024);

const headerBytes = ({ comets, roomChanges }: Workload): number =>
  ITEM_BYTES + comets * COMET_BYTES + Math.min(NAMED_CHANGES_BYTES, roomChanges * KEPT_S * ROOM_BYTES);

const roomItemBytes = (workload: Workload): number => ITEM_BYTES + cometsOfRoom(workload) * COMET_BYTES;

/** How far back the header names what changed: as many whole passes as fit into it. */
const namedS = ({ roomChanges }: Workload): number =>
  Math.min(KEPT_S, Math.floor(NAMED_CHANGES_BYTES / (roomChanges * PASS_S * ROOM_BYTES)) * PASS_S);

/** Rooms that one sandbox reads a second: those that changed, or all that it meets, as often as it lets go of what it keeps. */
const roomsReadPerS = (workload: Workload, { sandboxes, everyS }: Batches): number => {
  const { rooms, room, roomChanges } = workload;
  const metIn = (seconds: number): number => rooms * (1 - Math.exp((-(room / sandboxes) * seconds) / rooms));
  const kept = rooms * keptBytes(ROOM_BYTES, cometsOfRoom(workload));
  const again = kept > MAX_VIEW_BYTES ? VIEW_TTL_MS / 1000 : PASS_S;
  const every = Math.max(again, everyS);
  const isNamed = namedS(workload) >= every && kept <= MAX_VIEW_BYTES;
  return isNamed ? Math.min(roomChanges, metIn(PASS_S) / PASS_S) : metIn(every) / every;
};

const dispatchReads = (workload: Workload, batches: Batches) => {
  const { records, perS, sandboxes, everyS } = batches;
  if (perS === 0) return { headerReads: 0, roomReads: 0, markReads: 0 };
  const headersPerS = sandboxes / Math.max(VIEW_TTL_MS / 1000, everyS);
  const partitions = Math.max(1, workload.partitions / sandboxes);
  return {
    headerReads: headersPerS * readUnits(headerBytes(workload)),
    roomReads: sandboxes * roomsReadPerS(workload, batches) * readUnits(roomItemBytes(workload)),
    markReads: perS * distinct(partitions, 1 / partitions, records),
  };
};

/** In steady state, at `ROOM_ROUTING=table`. */
export const dynamoDbUnits = (workload: Workload, batches: Batches): DynamoDbUnits => ({
  ...dispatchReads(workload, batches),
  mergeReads: 1000 / SWEEP_INTERVAL_MS,
  // The header, its lease, and each room that changed.
  mergeWrites:
    (writeUnits(headerBytes(workload)) + 1) / PASS_S +
    workload.roomChanges * writeUnits(roomItemBytes(workload)),
});
