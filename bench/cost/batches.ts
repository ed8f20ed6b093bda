import { type BatchWork, batchWork } from './batch-work.ts';
import type { Figures } from './figures.ts';
import { recordsPerS, type Workload } from './workload.ts';

/** The default of `--param batchSize`. */
const BATCH_SIZE = 1000;

export interface Batches extends BatchWork {
  readonly records: number;
  readonly perS: number;
  /** Between two batches of one sandbox. */
  readonly everyS: number;
  readonly sandboxes: number;
  /** And sandboxes, so that full batches are as fast as the records. */
  readonly partitionsNeeded: number;
}

const NONE: Batches = {
  records: 0,
  perS: 0,
  everyS: Number.POSITIVE_INFINITY,
  sandboxes: 0,
  partitionsNeeded: 0,
  comets: 0,
  dispatchS: 0,
  deliverS: 0,
};

const ROUNDS = 10_000;
const CLOSE_ENOUGH = 1e-9;

/**
 * How records fall into batches: the first of a batch opens the window, and what comes until it has passed, or until the sandbox's earlier
 * batch is answered, is in it. Longer batches take longer, so this is the least size that holds itself.
 */
export const batchesOf = (figures: Figures, workload: Workload): Batches => {
  const rate = recordsPerS(workload);
  if (rate === 0) return NONE;
  const partitionsNeeded = Math.ceil(
    (rate * batchWork(figures, workload, BATCH_SIZE).dispatchS) / BATCH_SIZE,
  );
  const sandboxes = Math.max(workload.sandboxes, partitionsNeeded);
  const ofSandbox = rate / sandboxes;
  let records = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const { dispatchS } = batchWork(figures, workload, records);
    const next = Math.min(BATCH_SIZE, 1 + ofSandbox * Math.max(workload.windowS, dispatchS));
    const isClose = Math.abs(next - records) < CLOSE_ENOUGH;
    records = next;
    if (isClose) break;
  }
  const everyS = records / ofSandbox;
  const perS = rate / records;
  return { ...batchWork(figures, workload, records), records, perS, everyS, sandboxes, partitionsNeeded };
};
