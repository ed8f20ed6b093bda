import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from './check.ts';

/** Over a second: goim-job asks each second, and nothing is lost by a list that is one late, or a machine that is slow for a moment. */
const TRIES = 5;
const TRY_EVERY_MS = 250;

/** What the last of some tries finds, undefined as soon as one finds nothing. */
export const inSomeTries = async (look: () => Promise<Finding | undefined>): Promise<Finding | undefined> => {
  for (let left = TRIES; ; left--) {
    const finding = await look();
    if (finding === undefined || left === 1) return finding;
    await pause(TRY_EVERY_MS);
  }
};
