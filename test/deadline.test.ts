import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openDeadline, startDeadline } from '../lib/deadline.ts';

let now: number;

/** Time passes and every timer is in time. */
const run = (ms: number): void => {
  for (let passed = 0; passed < ms; passed++) {
    now += 1;
    vi.advanceTimersByTime(1);
  }
};

/** Time passes and no timer comes: the event loop, or the process, stands still. */
const stall = (ms: number): void => {
  now += ms;
};

const deadlineOf = (ms: number) => {
  const end = vi.fn();
  onTestFinished(startDeadline(ms, end));
  return end;
};

beforeEach(() => {
  now = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a deadline ends once, after its time', () => {
  const end = deadlineOf(3_000);
  run(2_999);
  expect(end).not.toHaveBeenCalled();
  run(1_000);
  expect(end).toHaveBeenCalledOnce();
});

test('one that begins between two looks has its whole time, and so has a shorter one beside it', () => {
  deadlineOf(3_000);
  run(1_007);
  const end = deadlineOf(500);
  run(499);
  expect(end).not.toHaveBeenCalled();
  run(20);
  expect(end).toHaveBeenCalledOnce();
});

test('time in which the process stood still is not counted', () => {
  const end = deadlineOf(3_000);
  run(1_000);
  stall(2_500);
  run(1_900);
  expect(end).not.toHaveBeenCalled();
  run(200);
  expect(end).toHaveBeenCalledOnce();
});

test('after a stall of any length there is a moment in which an answer can be read', () => {
  const end = deadlineOf(3_000);
  stall(60_000);
  run(20);
  expect(end).not.toHaveBeenCalled();
  run(20);
  expect(end).toHaveBeenCalledOnce();
});

test('a process that stands still again and again ends it after twice its time', () => {
  const end = deadlineOf(3_000);
  for (let times = 0; times < 14; times++) {
    stall(400);
    run(20);
  }
  expect(end).not.toHaveBeenCalled();
  stall(400);
  run(40);
  expect(end).toHaveBeenCalledOnce();
});

test('one that is cancelled never ends, and nothing ticks any more', () => {
  const { signal, cancel } = openDeadline(3_000);
  cancel();
  run(10_000);
  expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0]);
});
