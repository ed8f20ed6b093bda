import { openComet } from '../lib/comet/open.ts';

export interface FirstList {
  readonly rooms: number;
  readonly cpuUs: number;
  /** What the peak of the process rose by. */
  readonly peakMiB: number;
}

/** A process's first `Rooms`, with cold code and an empty heap. */
const main = async (): Promise<void> => {
  const comet = openComet({ id: '1', addresses: [process.argv[2] ?? ''] });
  const { maxRSS } = process.resourceUsage();
  const before = process.cpuUsage();
  const rooms = await comet.rooms(new AbortController().signal);
  const { user, system } = process.cpuUsage(before);
  const peakMiB = (process.resourceUsage().maxRSS - maxRSS) / 1024;
  process.send?.({ rooms: rooms.size, cpuUs: user + system, peakMiB } satisfies FirstList);
};

process.on('disconnect', () => process.exit());
void main();
