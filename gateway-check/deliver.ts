import { setTimeout as pause } from 'node:timers/promises';
import { DELIVERY_MS } from '../lib/domain/limits.ts';
import { doneOf } from './answers.ts';
import type { Answer, Came } from './http.ts';
import type { Op } from './ops.ts';

/** What became of some ops. */
export interface Delivered {
  /** The last answer. */
  readonly came: Came;
  /** Of all requests that it took. */
  readonly done: number;
}

/** A busy gateway that names no time is asked again after this long. */
const DEFAULT_RETRY_AFTER_MS = 200;
/** goim-job gives an op up that fails alone so often. */
const MAX_TRIES = 3;

const isBusy = (came: Came): came is Answer =>
  typeof came !== 'string' && (came.status === 429 || came.status === 503);

const retryAfterMs = ({ headers }: Answer): number => {
  const said = headers['retry-after'] ?? '';
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return ms > 0 ? ms : DEFAULT_RETRY_AFTER_MS;
};

/** Asks until the gateway is not busy, for as long as a delivery may take. */
export const whenFree = async (ask: () => Promise<Came>): Promise<Came> => {
  const end = performance.now() + DELIVERY_MS;
  for (;;) {
    const came = await ask();
    if (!isBusy(came)) return came;
    const waitMs = retryAfterMs(came);
    if (performance.now() + waitMs > end) return came;
    await pause(waitMs);
  }
};

/** Sends ops, and those that are not done again. */
export const deliverOps = async (
  ops: readonly Op[],
  post: (ops: readonly Op[]) => Promise<Came>,
): Promise<Delivered> => {
  let done = 0;
  for (let triesLeft = MAX_TRIES; ; ) {
    const left = ops.slice(done);
    const came = await post(left);
    const more = doneOf(came, left.length);
    done += more ?? 0;
    triesLeft = more === 0 ? triesLeft - 1 : MAX_TRIES;
    if (more === undefined || done === ops.length || triesLeft === 0) return { came, done };
    if (more === 0) await pause(DEFAULT_RETRY_AFTER_MS);
  }
};
