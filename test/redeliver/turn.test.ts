import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS, PROBE_FIRST_MS, PROBE_LAST_MS } from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { toRoom } from '../parking/ops.ts';
import { openRig, type Rig, START } from '../parking/rig.ts';

const WAKE = { comet: 'a', partitions: ['t-0'] };

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
  await rig.join({ id: 'a', addresses: ['http://a'] });
  await rig.mergedAt(START);
});
afterEach(() => rig.close());

/** A read that ends its page after so many runs and says that there are more. */
const pagesOf = (runsAPage: number) => {
  const { parked } = rig.deps();
  const pages: number[][] = [];
  const read: typeof parked.read = async (...args) => {
    const { runs, complete } = await parked.read(...args);
    const page = runs.slice(0, runsAPage);
    pages.push(page.flatMap(({ ops }) => ops.map(({ id }) => Number(id.split('/')[2]))));
    return { runs: page, complete: complete && runs.length < runsAPage };
  };
  return { pages, parked: { ...parked, read } };
};

test('a mark goes with the last of its runs, not before', async () => {
  await rig.park('a', [toRoom(1)]);
  await rig.park('a', [toRoom(2)]);
  const { pages, parked } = pagesOf(1);
  expect(await rig.redeliver(WAKE, { parked })).toBe('caught-up');
  expect([pages, rig.delivered()]).toEqual([
    [[1], [2], []],
    [1, 2],
  ]);
});

test('a mark goes at once when the page ends with a run that lies above it', async () => {
  await rig.park('a', [toRoom(1)]);
  const { behind } = rig.deps();
  const raised = await behind.readMark('t-0', 'a');
  await rig.park('a', [toRoom(2)]);
  const { pages, parked } = pagesOf(2);
  const marks = [raised, raised];
  const readMark = async () => marks.shift();
  const remove = async () => {
    marks.length = 0;
    return true;
  };
  await rig.redeliver(WAKE, { parked, behind: { ...behind, readMark, remove } });
  expect([pages, rig.delivered()]).toEqual([[[1, 2]], [1]]);
});

test('a queue that one read has shown whole is not read again', async () => {
  await rig.park('a', [toRoom(1)]);
  const { pages, parked } = pagesOf(2);
  expect(await rig.redeliver(WAKE, { parked })).toBe('caught-up');
  expect(pages).toEqual([[1]]);
});

describe('a comet that said "not now"', () => {
  const park = (retryAfterMs: number) =>
    rig.park('a', [toRoom(1)], { inFleet: true, replayed: false, retryAfterMs });

  test.each([
    [30_000, 30_000],
    [3_600_000, MAX_RETRY_AFTER_MS],
  ])('to what was parked, for %i ms, is first called after %i ms', async (retryAfterMs, restMs) => {
    await park(retryAfterMs);
    const calledAt: number[] = [];
    rig.answer = (ops) => {
      calledAt.push(rig.now);
      return ops.map(() => DELIVERED);
    };
    expect(await rig.redeliver(WAKE)).toBe('caught-up');
    expect(calledAt).toHaveLength(1);
    expect(calledAt[0]).toBeGreaterThanOrEqual(START + restMs);
    expect(calledAt[0]).toBeLessThanOrEqual(START + restMs + PROBE_LAST_MS);
  });

  test('to redeliver is left alone on every partition', async () => {
    for (const partition of [0, 1]) await rig.park('a', [toRoom(1, 'r', partition)]);
    const calledAt: number[] = [];
    rig.answer = (ops) => {
      calledAt.push(rig.now);
      return ops.map(() =>
        calledAt.length === 1 ? undelivered('COMET_BUSY', { retryAfterMs: 30_000 }) : DELIVERED,
      );
    };
    await rig.redeliver({ comet: 'a', partitions: ['t-0', 't-1'] });
    expect(calledAt[1]).toBeGreaterThanOrEqual(START + 30_000);
  });
});

test('a comet that takes something after a failure is not waited for as after its next failure in a row', async () => {
  for (const partition of [0, 1]) await rig.park('a', [toRoom(1, 'r', partition), toRoom(2, 'r', partition)]);
  const isTaken = [false, false, false, true, false, false, true];
  const { parked } = pagesOf(1);
  const calledAt: number[] = [];
  rig.answer = (ops) => {
    calledAt.push(rig.now);
    const taken = isTaken.shift() ?? true;
    return ops.map(() => (taken ? DELIVERED : undelivered('COMET_UNREACHABLE')));
  };
  await rig.redeliver({ comet: 'a', partitions: ['t-0', 't-1'] }, { parked });
  expect(rig.delivered().filter((offset) => offset === 2)).not.toEqual([]);
  const [failedAt = 0, takenAt = 0] = calledAt.slice(5);
  expect(takenAt - failedAt).toBeLessThanOrEqual(PROBE_FIRST_MS * 2);
  expect(isTaken).toEqual([]);
});
