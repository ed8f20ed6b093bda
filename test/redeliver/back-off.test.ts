import { afterEach, beforeEach, expect, test } from 'vitest';
import { DELIVERY_MS, MERGE_INTERVAL_MS, PROBE_LAST_MS, PROBE_LOOK_MS } from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { toRoom } from '../parking/ops.ts';
import { openRig, type Rig, START } from '../parking/rig.ts';

const WAKE = { comet: 'a', partitions: ['t-0'] };
/** By then the pauses between probes are the longest. */
const DOWN_MS = 60_000;

let rig: Rig;
/** When the comet was tried, ms after the start. */
let triedAt: number[];

beforeEach(async () => {
  rig = await openRig();
  await rig.join({ id: 'a', addresses: ['http://a'] });
  await rig.park('a', [toRoom(1)]);
  triedAt = [];
});
afterEach(() => rig.close());

/** `takes` and `answers`: whether the comet takes ops, and whether it tells the merge its rooms, at a time after the start. */
const redeliver = async (
  takes: (ms: number) => boolean,
  answers: (ms: number) => boolean,
  fleet = rig.deps().fleet,
): Promise<void> => {
  rig.answer = (ops) => {
    triedAt.push(rig.now - START);
    return ops.map(() => (takes(rig.now - START) ? DELIVERED : undelivered('COMET_UNREACHABLE')));
  };
  const { clock } = rig.deps();
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    const passAt = Math.floor((rig.now - START) / MERGE_INTERVAL_MS) * MERGE_INTERVAL_MS;
    await rig.mergedAt(START + passAt, ...(answers(passAt) ? [] : ['a']));
  };
  await rig.redeliver(WAKE, { fleet, clock: { ...clock, sleep } });
};

const isUp = (ms: number): boolean => ms >= DOWN_MS;
const longestPause = (): number => Math.max(...triedAt.map((ms, at) => ms - (triedAt[at - 1] ?? 0)));

test('a comet that answers the merge again is tried with its next look, not at the end of a long pause', async () => {
  await redeliver(isUp, isUp);
  expect(rig.delivered().at(-1)).toBe(1);
  expect(triedAt.at(-1)).toBeLessThanOrEqual(DOWN_MS + PROBE_LOOK_MS);
  expect(longestPause()).toBeGreaterThan(PROBE_LAST_MS / 2 - 1);
});

test('a comet that answers the merge, and takes nothing, is tried with growing pauses all the same', async () => {
  await redeliver(isUp, () => true);
  expect(triedAt.length).toBeLessThan(DOWN_MS / (PROBE_LAST_MS / 2));
  expect(longestPause()).toBeGreaterThan(PROBE_LAST_MS / 2 - 1);
  expect(longestPause()).toBeLessThanOrEqual(PROBE_LAST_MS);
});

test('a comet that never tells the merge its rooms is tried with growing pauses', async () => {
  await redeliver(isUp, () => false);
  expect(rig.delivered().at(-1)).toBe(1);
  expect(longestPause()).toBeLessThanOrEqual(PROBE_LAST_MS);
});

test('a comet that came back during a call that hangs is tried soon after it', async () => {
  const CALL_MS = 3_000;
  const backAt = 20_000;
  let calledAt = 0;
  const { deliverer } = rig.deps();
  const deliver: typeof deliverer.deliver = async (...args) => {
    calledAt = rig.now - START;
    if (calledAt < backAt) rig.now += CALL_MS;
    return deliverer.deliver(...args);
  };
  const isBack = (ms: number): boolean => ms >= backAt;
  rig.answer = (ops) => ops.map(() => (isBack(calledAt) ? DELIVERED : undelivered('COMET_TIMEOUT')));
  const { clock } = rig.deps();
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    await rig.mergedAt(rig.now, ...(isBack(rig.now - START) ? [] : ['a']));
  };
  await rig.redeliver(WAKE, { deliverer: { deliver }, clock: { ...clock, sleep } });
  expect(calledAt).toBeGreaterThanOrEqual(backAt);
  expect(calledAt).toBeLessThanOrEqual(backAt + CALL_MS + PROBE_LOOK_MS);
});

test('a comet that is silent has a second a call, each fourth time its whole time, and the whole time once it answers the merge', async () => {
  const { deliverer } = rig.deps();
  const timeouts: [isUp: boolean, ms: number][] = [];
  rig.answer = (ops) => ops.map(() => (isUp(rig.now - START) ? DELIVERED : undelivered('COMET_TIMEOUT')));
  const deliver: typeof deliverer.deliver = (comet, ops, ms) => {
    timeouts.push([isUp(rig.now - START), ms]);
    return deliverer.deliver(comet, ops, ms);
  };
  const { clock } = rig.deps();
  const sleep = async (ms: number): Promise<void> => {
    await clock.sleep(ms);
    await rig.mergedAt(rig.now, ...(isUp(rig.now - START) ? [] : ['a']));
  };
  await rig.redeliver(WAKE, { deliverer: { deliver }, clock: { ...clock, sleep } });
  const silent = timeouts.slice(1).filter(([up]) => !up);
  expect(silent.slice(0, 8).map(([, ms]) => ms / 1000)).toEqual([1, 1, 1, 5, 1, 1, 1, 5]);
  expect(timeouts.filter(([up]) => up)).toEqual([[true, DELIVERY_MS]]);
});

test('a look that the store does not answer ends no pause', async () => {
  const { fleet } = rig.deps();
  const readHeader = () =>
    Promise.reject(new ServiceError('STORE_UNANSWERED', 'no answer', { retryable: true }));
  await redeliver(isUp, isUp, { ...fleet, readHeader });
  expect(rig.delivered().at(-1)).toBe(1);
  expect(triedAt.length).toBeLessThan(DOWN_MS / (PROBE_LAST_MS / 2));
});
