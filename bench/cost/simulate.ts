import { MAX_INVOKES } from '../../lib/domain/limits.ts';
import { apiGatewayBill } from './api-gateway.ts';
import { type Batches, batchesOf } from './batches.ts';
import { type Bill, billOf, mergeMib, totalOf } from './bill.ts';
import { type DynamoDbUnits, dynamoDbUnits } from './dynamodb-units.ts';
import type { Figures } from './figures.ts';
import { clientMessagesPerS, type Workload } from './workload.ts';

export interface Simulation {
  readonly batches: Batches;
  readonly units: DynamoDbUnits;
  readonly bill: Bill;
  readonly totalDollars: number;
  readonly apiGatewayDollars: number;
  /** At once: the mean, and the most without comets that hang. */
  readonly concurrency: Readonly<Record<'dispatch' | 'deliver', { mean: number; most: number }>>;
  /** From the topic until the comet has answered, in steady state: of a record in the middle of its batch, and of the first. */
  readonly latencyMs: { readonly typical: number; readonly most: number };
  readonly mergeMib: number;
  readonly clientMessagesPerS: number;
}

const concurrencyOf = ({ perS, dispatchS, deliverS, comets, sandboxes }: Batches, fleet: number) => ({
  dispatch: { mean: perS * dispatchS, most: sandboxes },
  deliver: {
    mean: perS * comets * deliverS,
    most: deliverS === 0 ? 0 : sandboxes * Math.min(fleet, MAX_INVOKES),
  },
});

const latencyOf = ({ perS, everyS, dispatchS }: Batches, { windowS }: Workload) => {
  if (perS === 0) return { typical: 0, most: 0 };
  const waitS = Math.min(everyS, Math.max(windowS, dispatchS));
  return { typical: 1000 * (waitS / 2 + dispatchS), most: 1000 * (waitS + dispatchS) };
};

/** What a workload comes to, on average; deterministic. */
export const simulate = (figures: Figures, workload: Workload): Simulation => {
  const batches = batchesOf(figures, workload);
  const units = dynamoDbUnits(workload, batches);
  const bill = billOf(figures, workload, batches, units);
  return {
    batches,
    units,
    bill,
    totalDollars: totalOf(bill),
    apiGatewayDollars: apiGatewayBill(workload),
    concurrency: concurrencyOf(batches, workload.comets),
    latencyMs: latencyOf(batches, workload),
    mergeMib: mergeMib(figures, workload),
    clientMessagesPerS: clientMessagesPerS(workload),
  };
};
