/** What the service costs, worked out from prices and stated assumptions: `npm run cost`. Prices: us-east-1, November 2026. */
const PRICE = {
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 0.0000133334,
  dynamoDbWrite: 0.625e-6,
  logGb: 0.5,
} as const;

const MONTH_S = 30 * 24 * 3600;
const MERGE_GB = 0.25;
const DISPATCH_GB = 1;
const DELIVER_GB = 0.5;

/** Assumed of AWS, not measured here: billed time of one invocation that waits for its network. */
const DELIVER_S = 0.008;
const DISPATCH_INVOKE_S = 0.025;
const DISPATCH_INLINE_S = 0.012;
/** A summary line and a metrics line of `dispatch`, with Lambda's own START, END and REPORT lines; `deliver` has only those three. */
const DISPATCH_LOG_BYTES = 1_500;
const DELIVER_LOG_BYTES = 350;

interface Workload {
  readonly name: string;
  readonly recordsPerS: number;
  readonly batchesPerS: number;
  /** Comets that each batch has ops for. */
  readonly comets: number;
}

/** mergeRooms runs all the time, and writes the header and its lease once a second. */
const idle = (): number =>
  MONTH_S * (MERGE_GB * PRICE.lambdaGbSecond + 2 * PRICE.dynamoDbWrite) +
  (MONTH_S / 60) * PRICE.lambdaRequest;

const perSecond = ({ batchesPerS, comets }: Workload, delivery: 'invoke' | 'inline'): number => {
  const dispatchS = delivery === 'invoke' ? DISPATCH_INVOKE_S : DISPATCH_INLINE_S;
  const dispatch = PRICE.lambdaRequest + dispatchS * DISPATCH_GB * PRICE.lambdaGbSecond;
  const deliver = PRICE.lambdaRequest + DELIVER_S * DELIVER_GB * PRICE.lambdaGbSecond;
  const logs = DISPATCH_LOG_BYTES + (delivery === 'invoke' ? comets * DELIVER_LOG_BYTES : 0);
  const invokes = delivery === 'invoke' ? comets * deliver : 0;
  return batchesPerS * (dispatch + invokes + (logs / 1e9) * PRICE.logGb);
};

const WORKLOADS: readonly Workload[] = [
  { name: 'window 500 ms, 4 pollers', recordsPerS: 1_000, batchesPerS: 8, comets: 2 },
  { name: 'window 500 ms, 4 pollers', recordsPerS: 1_000, batchesPerS: 8, comets: 20 },
  { name: 'window 0', recordsPerS: 1_000, batchesPerS: 200, comets: 2 },
  { name: 'window 0', recordsPerS: 1_000, batchesPerS: 200, comets: 20 },
];

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

console.log(`idle: ${dollars(idle())} a month\n`);
console.log(
  '| trigger | records/s | batches/s | comets | DELIVERY=invoke: a million records | inline: a million records |',
);
console.log('|---|---|---|---|---|---|');
for (const workload of WORKLOADS) {
  const { name, recordsPerS, batchesPerS, comets } = workload;
  const million = (delivery: 'invoke' | 'inline') =>
    dollars((perSecond(workload, delivery) / recordsPerS) * 1e6);
  console.log(
    `| ${name} | ${recordsPerS} | ${batchesPerS} | ${comets} | ${million('invoke')} | ${million('inline')} |`,
  );
}
