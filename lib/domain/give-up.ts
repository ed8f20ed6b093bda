import { GONE_AFTER_S, PARKED_MAX_AGE_S } from './limits.ts';
import type { Op } from './op.ts';
import type { DropReason } from './outcome.ts';
import type { ParkedRun } from './parked-run.ts';

/** Whether a message is too old to be of use; a `ttlS` of 0 keeps all. Times in ms. */
export const isExpired = (timestamp: number, now: number, ttlS: number): boolean =>
  ttlS > 0 && now - timestamp > ttlS * 1000;

export interface GiveUpRule {
  readonly messageTtlS: number;
  /** When the comet left the fleet, 0 if it was never seen there; undefined while it is in it, or while nobody knows. */
  readonly goneSince: number | undefined;
}

/** Why a parked op waits no longer; undefined: it does. */
export const giveUpReason = (
  op: Op,
  { parkedAt, replayed }: ParkedRun,
  now: number,
  { messageTtlS, goneSince }: GiveUpRule,
): DropReason | undefined => {
  if (!replayed && isExpired(op.timestamp, now, messageTtlS)) return 'expired';
  if (now - parkedAt > PARKED_MAX_AGE_S * 1000) return 'parked-too-long';
  const isGone = goneSince !== undefined && now - Math.max(parkedAt, goneSince) > GONE_AFTER_S * 1000;
  return isGone ? 'gone' : undefined;
};
