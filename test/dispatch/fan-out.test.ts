import { expect, test } from 'vitest';
import { fanOut, type Send, type Sender } from '../../lib/dispatch/fan-out.ts';
import { cut, type Delivery, encodeOp } from '../../lib/domain/batch.ts';
import {
  COMET_CALL_MS,
  DELIVERY_MS,
  INVOKE_CLIENT_MS,
  LATE_CALL_MS,
  MAX_IN_FLIGHT_BYTES,
  MAX_INVOKES,
  MAX_OPEN_BYTES,
  MAX_OPEN_CALLS,
  SETTLE_MS,
} from '../../lib/domain/limits.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { createVirtualClock } from '../merge-rooms/virtual-clock.ts';

const COMETS = 1_000;
/** A comet that is well answers within this, an Invoke included. */
const PROMPT_MS = 20;
const ENDS_AT = 60_000;

const deliveryTo = (index: number, bytes = 300): Delivery => {
  const body = 'A'.repeat(bytes);
  const op = encodeOp({ id: 't/0/1', type: 'room', room: 'r', operation: 1, body, timestamp: 5 });
  return {
    comet: { id: `c${index}`, addresses: [`http://c${index}`] },
    chunks: cut([op], Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
  };
};

/** Holds all of a chunk. */
const senderOf = (send: Send): Sender => ({ send, heldBytes: ({ bytes }) => bytes });

/** One batch for all comets, of which those named hang; times in ms from its begin. */
const run = async (deliveries: readonly Delivery[], hangs: (comet: string) => boolean, callMs: number) => {
  const clock = createVirtualClock(0);
  const answeredAt: number[] = [];
  let open = 0;
  let most = 0;
  const send: Send = async ({ id }, { ops }) => {
    open += 1;
    most = Math.max(most, open);
    const isIll = hangs(id);
    await clock.sleep(isIll ? callMs : PROMPT_MS);
    open -= 1;
    if (!isIll) answeredAt.push(clock.now());
    return ops.map((): Outcome => (isIll ? undelivered('COMET_TIMEOUT') : DELIVERED));
  };
  const sent = await clock.run(fanOut(deliveries, senderOf(send), ENDS_AT, clock));
  return { sent, most, lastAnsweredAt: Math.max(...answeredAt), endedAt: clock.now() };
};

const isAmongFirst = (count: number) => (comet: string) => Number(comet.slice(1)) < count;
const all = Array.from({ length: COMETS }, (_, index) => deliveryTo(index));

test.each([1, 50, 100, 200, 600, MAX_OPEN_CALLS - MAX_INVOKES])(
  'of 1,000 comets %i hang, before all others: those have their ops within 2 s, and the batch is over within the 5 s that isolation promises',
  async (ill) => {
    const { sent, lastAnsweredAt, endedAt } = await run(all, isAmongFirst(ill), COMET_CALL_MS);
    expect(sent.map(({ delivery }) => delivery.comet.id)).toEqual(all.map(({ comet }) => comet.id));
    expect(lastAnsweredAt).toBeLessThan(2_000);
    expect(endedAt).toBeLessThan(DELIVERY_MS);
  },
);

test('never calls more comets at once than a sandbox has connections for, and calls each', async () => {
  const { sent, most } = await run(all, () => true, DELIVERY_MS);
  expect(most).toBe(MAX_OPEN_CALLS);
  expect(sent.every(({ calls }) => calls === 1)).toBe(true);
});

test('never holds more bytes for comets that hang than there is memory for', async () => {
  const bytes = 5_000_000;
  const large = Array.from({ length: 60 }, (_, index) => deliveryTo(index, bytes));
  const { most } = await run(large, () => true, COMET_CALL_MS);
  expect(most).toBe(Math.floor(MAX_OPEN_BYTES / ((large[0] as Delivery).chunks[0]?.bytes ?? 0)));
});

test('calls all comets at once whose payloads are not held, however large they are', async () => {
  const large = Array.from({ length: 100 }, (_, index) => deliveryTo(index, 5_000_000));
  const clock = createVirtualClock(0);
  const startedAt: number[] = [];
  const send: Send = async (_comet, { ops }) => {
    startedAt.push(clock.now());
    await clock.sleep(COMET_CALL_MS);
    return ops.map(() => undelivered('COMET_TIMEOUT'));
  };
  await clock.run(fanOut(large, { send, heldBytes: () => 65_536 }, ENDS_AT, clock));
  expect(startedAt.length).toBe(100);
  expect(Math.max(...startedAt)).toBe(LATE_CALL_MS);
});

/** Two chunks, the second of which is the larger one. */
const inTwoChunks = (index: number, bytes: number): Delivery => {
  const [first, second] = [deliveryTo(index), deliveryTo(index, bytes)];
  return { ...first, chunks: [...first.chunks, ...second.chunks] };
};
const SKIPPED = undelivered('DELIVERY_SKIPPED');

test('holds at once what comets that answer promptly fit in, each counted by its largest chunk', async () => {
  const all = Array.from({ length: MAX_INVOKES }, (_, index) => inTwoChunks(index, 5_000_000));
  const { most, sent } = await run(all, () => false, 0);
  expect(most).toBe(Math.floor(MAX_IN_FLIGHT_BYTES / (all[0]?.chunks[1]?.bytes ?? 0)));
  expect(sent.every(({ calls }) => calls === 2)).toBe(true);
});

test.each([
  [DELIVERY_MS, 1, SKIPPED],
  [DELIVERY_MS - 1, 2, DELIVERED],
])(
  'sends a second chunk only while there is time for it: after a first one of %i ms, %i are sent',
  async (ms, calls, outcome) => {
    const clock = createVirtualClock(0);
    const given: number[] = [];
    const send: Send = async (_comet, { ops }, { timeoutMs }) => {
      given.push(timeoutMs);
      await clock.sleep(given.length === 1 ? ms : 0);
      return ops.map(() => DELIVERED);
    };
    const [sent] = await clock.run(fanOut([inTwoChunks(0, 300)], senderOf(send), ENDS_AT, clock));
    expect(sent).toMatchObject({ calls, outcomes: [[DELIVERED], [outcome]] });
    expect(given).toEqual([DELIVERY_MS, DELIVERY_MS - ms].slice(0, calls));
  },
);

test.each([
  [0, DELIVERED],
  [1, SKIPPED],
])(
  'begins no call that could outlive the invocation with its writes: %i ms too late',
  async (late, outcome) => {
    const startBy = ENDS_AT - INVOKE_CLIENT_MS - SETTLE_MS;
    const clock = createVirtualClock(startBy + late);
    const given: number[] = [];
    const send: Send = async (_comet, { ops }, limits) => {
      given.push(limits.startBy);
      return ops.map(() => DELIVERED);
    };
    const [sent] = await clock.run(fanOut([deliveryTo(0)], senderOf(send), ENDS_AT, clock));
    expect(sent?.outcomes).toEqual([[outcome]]);
    expect(given).toEqual(late === 0 ? [startBy] : []);
  },
);
