import { createHash } from 'node:crypto';
import { PROBE_LOOK_MS } from '../../lib/domain/limits.ts';
import type { PushOp } from '../../lib/domain/op.ts';
import { encodeRun } from '../../lib/store/run-codec.ts';
import { REDELIVER_GB } from './bill.ts';
import { readUnits, writeUnits } from './dynamodb-units.ts';
import { table } from './markdown.ts';
import { dollars, PRICE } from './prices.ts';

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

/** Dollars for a million ops of one comet, parked as runs of `opsPerRun`, and delivered by redeliver. */
const parkedMillion = (opsPerRun: number): number => {
  const runs = 1e6 / opsPerRun;
  const bytes = encodeRun(opsOf(opsPerRun)).length + RUN_KEYS_BYTES;
  const units = writeUnits(bytes);
  // The run, its mark, and the delete of the run.
  const writes = runs * (units + 1 + units) * PRICE.dynamoDbWrite;
  const reads = READS * readUnits(runs * bytes) * PRICE.dynamoDbRead;
  return writes + reads + (1e6 / DRAIN_OPS_PER_S) * REDELIVER_GB * PRICE.lambdaGbSecond;
};

/** An hour of a comet that is down: redeliver waits, renews its lease, looks where the comet is and whether it answers mergeRooms, and probes with a page. */
export const downHour = (): number => {
  const second =
    REDELIVER_GB * PRICE.lambdaGbSecond + PRICE.dynamoDbWrite + (1 + LOOKS_PER_S) * PRICE.dynamoDbRead;
  const probe = (1 + PAGE_BYTES / 4096) * PRICE.dynamoDbRead;
  return 3600 * (second + probe / PROBE_S);
};

export const outageTable = (): string =>
  table(
    ['ops a run (one batch, partition and comet)', 'a million parked ops'],
    [1, 5, 25, 250].map((opsPerRun) => [`${opsPerRun}`, dollars(parkedMillion(opsPerRun))]),
  );
