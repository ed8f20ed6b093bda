import { DELIVER_GB, DISPATCH_GB } from './batch-work.ts';
import type { Batches } from './batches.ts';
import type { DynamoDbUnits } from './dynamodb-units.ts';
import type { Figures } from './figures.ts';
import { MONTH_S, PRICE } from './prices.ts';
import { cometsOfRoom, type Workload } from './workload.ts';

/** Dollars a month. */
export interface Bill {
  readonly dispatch: number;
  readonly deliver: number;
  readonly mergeRooms: number;
  readonly redeliver: number;
  readonly dynamoDb: number;
  readonly logs: number;
  readonly alarms: number;
}

/** Of serverless.yml; more is asked for in steps of this. */
export const MERGE_MIB = 256;
export const REDELIVER_GB = 0.5;
export const ALARMS = 14;
/** Those that come without an outage: `Records`, `Delivered`, `Rpcs`, `RecordAgeMs`, `MergeAgeMs`. */
export const METRICS = 5;
const SWEEPS_PER_S = 1 / 60;
/** Assumed of AWS, as what a batch waits for is. */
const SWEEP_S = 0.025;
/** A summary line and a metrics line of `dispatch`, with Lambda's own START, END and REPORT lines; `deliver` and a sweep have only those three. */
const DISPATCH_LOG_BYTES = 1_500;
const INVOCATION_LOG_BYTES = 350;

/** Comets of a room in the benchmark's rows. */
const MEASURED_COMETS = 3;
const MEASURED_ROOMS = [10_000, 100_000, 1_000_000] as const;

/** What `mergeRooms` needs for its rooms' comets: as the next larger fleet that was measured, or in proportion beyond. */
export const mergeMib = (figures: Figures, workload: Workload): number => {
  const servers = workload.rooms * cometsOfRoom(workload);
  const largest = MEASURED_ROOMS[2];
  const measured = MEASURED_ROOMS.find((rooms) => servers <= rooms * MEASURED_COMETS) ?? largest;
  const peakMib = figures[`memory-merge-${measured}`] * Math.max(1, servers / (largest * MEASURED_COMETS));
  return MERGE_MIB * Math.ceil(peakMib / MERGE_MIB);
};

const lambda = (perS: number, eachS: number, memoryGb: number): number =>
  MONTH_S * perS * (PRICE.lambdaRequest + eachS * memoryGb * PRICE.lambdaGbSecond);

const callsPerS = ({ perS, comets, deliverS }: Batches): number => (deliverS === 0 ? 0 : perS * comets);

export const billOf = (
  figures: Figures,
  workload: Workload,
  batches: Batches,
  units: DynamoDbUnits,
): Bill => {
  const { headerReads, roomReads, markReads, mergeReads, mergeWrites } = units;
  const reads = headerReads + roomReads + markReads + mergeReads + SWEEPS_PER_S;
  const logBytes =
    batches.perS * DISPATCH_LOG_BYTES + (callsPerS(batches) + SWEEPS_PER_S) * INVOCATION_LOG_BYTES;
  return {
    dispatch: lambda(batches.perS, batches.dispatchS, DISPATCH_GB),
    deliver: lambda(callsPerS(batches), batches.deliverS, DELIVER_GB),
    // One runs all the time, and one a minute sees that.
    mergeRooms:
      lambda(SWEEPS_PER_S, 0, 0) + MONTH_S * (mergeMib(figures, workload) / 1024) * PRICE.lambdaGbSecond,
    redeliver: lambda(SWEEPS_PER_S, SWEEP_S, REDELIVER_GB),
    dynamoDb: MONTH_S * (reads * PRICE.dynamoDbRead + mergeWrites * PRICE.dynamoDbWrite),
    logs: (MONTH_S * logBytes * PRICE.logGb) / 1e9,
    alarms: ALARMS * PRICE.alarm + METRICS * PRICE.metric,
  };
};

export const totalOf = (bill: Bill): number => Object.values(bill).reduce((sum, part) => sum + part, 0);
