import { setTimeout as wait } from 'node:timers/promises';
import { handler } from '../functions/merge-rooms.ts';

const WARM_UP_MS = 10_000;

/** What a running `mergeRooms` takes. */
export interface MergeLoad {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly peakMiB: number;
}

const measure = async (ms: number): Promise<MergeLoad> => {
  const beganAt = performance.now();
  const before = process.cpuUsage();
  await wait(ms);
  const { user, system } = process.cpuUsage(before);
  return {
    cpuPercent: (user + system) / 10 / (performance.now() - beganAt),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
};

/** The deployed `mergeRooms`; ready once every room is written and its code compiled. */
const main = async (): Promise<void> => {
  handler({}, { getRemainingTimeInMillis: () => 15 * 60_000 }).catch(() => process.exit(1));
  await wait(WARM_UP_MS);
  process.send?.('ready');
};

process.on('disconnect', () => process.exit());
process.on('message', async ({ ms }: { ms: number }) => process.send?.(await measure(ms)));
void main();
