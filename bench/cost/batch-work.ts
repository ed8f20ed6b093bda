import { MAX_INVOKES } from '../../lib/domain/limits.ts';
import type { Figures } from './figures.ts';
import { cometsOfRoom, distinct, opsPerS, recordsPerS, type Workload } from './workload.ts';

export const DISPATCH_GB = 1;
export const DELIVER_GB = 0.5;
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: 1,769 MB have one vCPU, taken to be as fast as a core of the benchmark's machine. */
const VCPU_GB = 1769 / 1024;

/** Assumed of AWS, not measured: what an invocation waits for its network. */
export const STORE_S = 0.005;
export const INVOKE_S = 0.012;
export const COMET_S = 0.007;

/** What one batch is, in means. */
export interface BatchWork {
  /** That it has ops for. */
  readonly comets: number;
  /** Billed time. */
  readonly dispatchS: number;
  /** Billed time of each comet's `deliver`; 0 inline. */
  readonly deliverS: number;
}

/** µs of CPU of `dispatch` to ask who is behind, a Query a partition, and for the header. */
const readsUs = (figures: Figures, { partitions, sandboxes }: Workload, records: number): number => {
  const ofSandbox = Math.max(1, partitions / sandboxes);
  return (1 + distinct(ofSandbox, 1 / ofSandbox, records)) * figures['dynamodb-header'];
};

/** µs of CPU of `dispatch` to read records and make ops of them. */
const dispatchUs = (figures: Figures, records: number, ops: number, comets: number): number => {
  const few = figures['dispatch-100-2'];
  const many = figures['dispatch-1000-2'];
  const event = Math.max(0, (few - many) / (1 / 100 - 1 / 1000));
  const record = many - event / 1000;
  const furtherOp = Math.max(0, figures['dispatch-room'] - many);
  const comet = Math.max(0, ((figures['dispatch-1000-100'] - many) * 1000) / 98);
  return event + records * record + Math.max(0, ops - records) * furtherOp + comets * comet;
};

const invokeUs = (figures: Figures, ops: number, comets: number): number =>
  comets * figures['invoke-1'] + ops * Math.max(0, (figures['invoke-500'] - figures['invoke-1']) / 499);

/** To stock comets over gRPC: a PUSH or an ALL is a call each, ROOMs of one room share one. */
const deliverUs = (figures: Figures, workload: Workload, ops: number, comets: number): number => {
  const roomShare = (workload.room * cometsOfRoom(workload)) / opsPerS(workload);
  const op = figures['grpc-push'] + roomShare * (figures['grpc-room'] - figures['grpc-push']);
  return comets * figures['deliver-1'] + ops * op;
};

const seconds = (cpuUs: number, memoryGb: number): number => (cpuUs / 1e6) * (VCPU_GB / memoryGb);

/** The work of a batch of so many records, of a workload that has any. */
export const batchWork = (figures: Figures, workload: Workload, records: number): BatchWork => {
  const opsOfRecord = opsPerS(workload) / recordsPerS(workload);
  const ops = records * opsOfRecord;
  const comets = distinct(workload.comets, opsOfRecord / workload.comets, records);
  const routing = readsUs(figures, workload, records) + dispatchUs(figures, records, ops, comets);
  const delivering = deliverUs(figures, workload, ops, comets);
  const turns = Math.max(1, comets / MAX_INVOKES);
  if (workload.delivery === 'inline') {
    const cpuS = seconds(routing + delivering, DISPATCH_GB);
    return { comets, deliverS: 0, dispatchS: STORE_S + turns * COMET_S + cpuS };
  }
  const deliverS = COMET_S + seconds(delivering / comets, DELIVER_GB);
  const cpuS = seconds(routing + invokeUs(figures, ops, comets), DISPATCH_GB);
  return { comets, deliverS, dispatchS: STORE_S + turns * (INVOKE_S + deliverS) + cpuS };
};
