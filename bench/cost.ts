import { createHash } from 'node:crypto';
import { PROBE_LOOK_MS } from '../lib/domain/limits.ts';
import type { PushOp } from '../lib/domain/op.ts';
import { encodeRun } from '../lib/store/run-codec.ts';
import { readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { type RoomReads, roomReadUnits } from './room-reads.ts';

/** What the service costs, worked out from prices and stated assumptions: `npm run cost`. Prices: us-east-1, November 2026. */
const PRICE = {
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 0.0000133334,
  /** Of 1 KB; a delete costs what it deletes. */
  dynamoDbWrite: 0.625e-6,
  /** Of 4 KB, consistent. */
  dynamoDbRead: 0.125e-6,
  logGb: 0.5,
  /** A month. */
  alarm: 0.1,
  metric: 0.3,
} as const;

const MONTH_S = 30 * 24 * 3600;
const MERGE_GB = 0.25;
const DISPATCH_GB = 1;
const DELIVER_GB = 0.5;
const REDELIVER_GB = 0.5;
const ALARMS = 13;
/** Those that come without an outage: `Records`, `Delivered`, `Rpcs`, `RecordAgeMs`, `MergeAgeMs`. */
const METRICS = 5;

/** Assumed of AWS, not measured here: billed time of one invocation that waits for its network. */
const DELIVER_S = 0.008;
const DISPATCH_INVOKE_S = 0.025;
const DISPATCH_INLINE_S = 0.012;
const SWEEP_S = 0.025;
/** A summary line and a metrics line of `dispatch`, with Lambda's own START, END and REPORT lines; `deliver` and a sweep have only those three. */
const DISPATCH_LOG_BYTES = 1_500;
const DELIVER_LOG_BYTES = 350;

interface Workload {
  readonly name: string;
  readonly recordsPerS: number;
  readonly batchesPerS: number;
  /** That a batch has records of: a consistent Query each, for the comets that are behind. */
  readonly partitions: number;
  /** Comets that each batch has ops for. */
  readonly comets: number;
}

/** mergeRooms runs all the time, writes the header and its lease once a second, and looks who is behind each 5 s. */
const merging = (): number =>
  MONTH_S * (MERGE_GB * PRICE.lambdaGbSecond + 2 * PRICE.dynamoDbWrite + PRICE.dynamoDbRead / 5) +
  (MONTH_S / 60) * PRICE.lambdaRequest;

/** redeliver looks into the empty table once a minute. */
const sweeping = (): number =>
  (MONTH_S / 60) *
  (PRICE.lambdaRequest +
    SWEEP_S * REDELIVER_GB * PRICE.lambdaGbSecond +
    PRICE.dynamoDbRead +
    (DELIVER_LOG_BYTES / 1e9) * PRICE.logGb);

const watching = (): number => ALARMS * PRICE.alarm + METRICS * PRICE.metric;

const perSecond = ({ batchesPerS, partitions, comets }: Workload, delivery: 'invoke' | 'inline'): number => {
  const dispatchS = delivery === 'invoke' ? DISPATCH_INVOKE_S : DISPATCH_INLINE_S;
  const dispatch = PRICE.lambdaRequest + dispatchS * DISPATCH_GB * PRICE.lambdaGbSecond;
  const deliver = PRICE.lambdaRequest + DELIVER_S * DELIVER_GB * PRICE.lambdaGbSecond;
  const logs = DISPATCH_LOG_BYTES + (delivery === 'invoke' ? comets * DELIVER_LOG_BYTES : 0);
  const invokes = delivery === 'invoke' ? comets * deliver : 0;
  const marks = partitions * PRICE.dynamoDbRead;
  return batchesPerS * (dispatch + invokes + marks + (logs / 1e9) * PRICE.logGb);
};

const WORKLOADS: readonly Workload[] = [
  { name: 'window 500 ms, 4 pollers', recordsPerS: 1_000, batchesPerS: 8, partitions: 5, comets: 2 },
  { name: 'window 500 ms, 4 pollers', recordsPerS: 1_000, batchesPerS: 8, partitions: 5, comets: 20 },
  { name: 'window 0', recordsPerS: 1_000, batchesPerS: 200, partitions: 1, comets: 2 },
  { name: 'window 0', recordsPerS: 1_000, batchesPerS: 200, partitions: 1, comets: 20 },
];

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

const BODY_BYTES = 100;

/** Bytes that do not deflate, and the same ones each time. */
const noise = (seed: string, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(seed).digest();

/** PUSH ops with bodies that do not deflate. */
const opsOf = (count: number): PushOp[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `goim-push-topic/3/${184_467_000 + i}`,
    type: 'push',
    keys: [noise(`key ${i}`, 8).toString('hex')],
    operation: 1000,
    body: noise(`body ${i}`, BODY_BYTES).toString('base64'),
    timestamp: 1_795_000_000_000 + i,
  }));

/** An item's keys and numbers beside its ops. */
const RUN_KEYS_BYTES = 150;
const PAGE_BYTES = 1e6;
/** Assumed: a page may inflate to more than a turn takes, and is read again. */
const READS = 2;
const DRAIN_OPS_PER_S = 6_000;
const PROBE_S = 5;
const LOOKS_PER_S = 1000 / PROBE_LOOK_MS;

/** A million ops of one comet, parked as runs of `opsPerRun`, and delivered by redeliver. */
const parking = (opsPerRun: number) => {
  const runs = 1e6 / opsPerRun;
  const bytes = encodeRun(opsOf(opsPerRun)).length + RUN_KEYS_BYTES;
  const units = Math.ceil(bytes / 1024);
  // The run, its mark, and the delete of the run.
  const writes = runs * (units + 1 + units) * PRICE.dynamoDbWrite;
  const reads = READS * Math.ceil((runs * bytes) / 4096) * PRICE.dynamoDbRead;
  const redeliver = (1e6 / DRAIN_OPS_PER_S) * REDELIVER_GB * PRICE.lambdaGbSecond;
  return { bytes, writes, reads, redeliver };
};

/** An hour of a comet that is down: redeliver waits, renews its lease, looks where the comet is and whether it answers mergeRooms, and probes with a page. */
const waitingHour = (): number => {
  const second =
    REDELIVER_GB * PRICE.lambdaGbSecond + PRICE.dynamoDbWrite + (1 + LOOKS_PER_S) * PRICE.dynamoDbRead;
  const probe = (1 + PAGE_BYTES / 4096) * PRICE.dynamoDbRead;
  return 3600 * (second + probe / PROBE_S);
};

const printIdle = (): void => {
  console.log('| idle, a month | |\n|---|---|');
  console.log(`| mergeRooms | ${dollars(merging())} |`);
  console.log(`| redeliver's sweep | ${dollars(sweeping())} |`);
  console.log(`| ${ALARMS} alarms, ${METRICS} metrics | ${dollars(watching())} |`);
  console.log(`| together | ${dollars(merging() + sweeping() + watching())} |`);
};

const printRecords = (): void => {
  console.log('what records cost, by trigger and comets:');
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
};

const ROOM_READS: readonly RoomReads[] = [
  { rooms: 100, sandboxes: 8, changesPerS: 0 },
  { rooms: 100, sandboxes: 8, changesPerS: 10 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 10 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 1_000 },
];

const printRoomReads = async (): Promise<void> => {
  console.log('what dispatch reads of the fleet and its rooms, busy all month, ROOM_ROUTING=table:');
  console.log('| rooms | sandboxes | rooms that change a second | read units a second | a month |');
  console.log('|---|---|---|---|---|');
  for (const load of ROOM_READS) {
    const units = await roomReadUnits(load);
    const month = dollars(units * MONTH_S * PRICE.dynamoDbRead);
    console.log(
      `| ${load.rooms} | ${load.sandboxes} | ${load.changesPerS} | ${units.toFixed(0)} | ${month} |`,
    );
  }
};

const printOutage = (): void => {
  console.log(`a comet that is down: ${dollars(waitingHour())} an hour, and`);
  console.log('| ops a run | bytes a run | a million parked ops: writes | reads | redeliver | together |');
  console.log('|---|---|---|---|---|---|');
  for (const opsPerRun of [1, 5, 25, 250]) {
    const { bytes, writes, reads, redeliver } = parking(opsPerRun);
    const cells = [writes, reads, redeliver, writes + reads + redeliver].map(dollars);
    console.log(`| ${opsPerRun} | ${bytes} | ${cells.join(' | ')} |`);
  }
};

const USAGE = `npm run cost
What the service costs, worked out from the prices and assumptions in bench/cost.ts.`;

await runCommand(USAGE, async (args) => {
  readArguments(args, {});
  printIdle();
  printRecords();
  await printRoomReads();
  printOutage();
});
