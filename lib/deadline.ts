/** One look at all deadlines. */
const TICK_MS = 20;
/** A tick that is later than this: the event loop stood still, or the whole process did. */
const LATE_MS = 100;
/** However often the process stands still, no deadline takes more than this many times its time. */
const MOST = 2;

interface Waiting {
  /** In time in which the process ran, ms. */
  readonly endsAt: number;
  /** By the clock, ms. */
  readonly latestAt: number;
  /** Undefined: it is forgotten. */
  end: (() => void) | undefined;
  /** What was answered while the process stood still is read before the next tick. */
  isLast: boolean;
}

/**
 * With those forgotten since the last tick. No `Set` or `Map` where entries come and go with each call: V8 replaces its table
 * again and again, each old one refers to the next, and one that has become old keeps all of them and what they held alive.
 */
let waiting: Waiting[] = [];
/** Without those forgotten. */
let left = 0;
let timer: NodeJS.Timeout | undefined;
let tickedAt = 0;
/** Time in which this process ran while there was a deadline. */
let ranMs = 0;

const isOver = (one: Waiting, now: number, isLate: boolean): boolean => {
  if (isLate && !one.isLast) {
    one.isLast = now >= one.latestAt;
    return false;
  }
  return one.isLast || ranMs >= one.endsAt || now >= one.latestAt;
};

/** What it would have called, the first time. */
const forget = (one: Waiting): Waiting['end'] => {
  const { end } = one;
  if (end !== undefined) left -= 1;
  one.end = undefined;
  return end;
};

const tick = (): void => {
  const now = performance.now();
  const tookMs = now - tickedAt;
  const isLate = tookMs > LATE_MS;
  tickedAt = now;
  if (!isLate) ranMs += tookMs;
  const looked = waiting;
  waiting = [];
  for (const one of looked) {
    if (one.end === undefined) continue;
    if (isOver(one, now, isLate)) forget(one)?.();
    else waiting.push(one);
  }
  if (left === 0) clearInterval(timer);
};

/** Forgets a deadline. */
export type Cancel = () => void;

/**
 * Calls `end` once, `ms` from now: up to 20 ms late, and later by the time in which this process stood still, for the answer
 * may be in the socket, unread. One sweep for all, since most are cancelled.
 */
export const startDeadline = (ms: number, end: () => void): Cancel => {
  const now = performance.now();
  if (left === 0) {
    waiting = [];
    tickedAt = now;
    clearInterval(timer);
    timer = setInterval(tick, TICK_MS).unref();
  }
  const one: Waiting = {
    endsAt: ranMs + (now - tickedAt) + ms,
    latestAt: now + MOST * ms,
    end,
    isLast: false,
  };
  waiting.push(one);
  left += 1;
  return () => void forget(one);
};

/** The same as a signal. */
export const openDeadline = (ms: number): { readonly signal: AbortSignal; readonly cancel: Cancel } => {
  const controller = new AbortController();
  return { signal: controller.signal, cancel: startDeadline(ms, () => controller.abort()) };
};
