import { setTimeout as delay } from 'node:timers/promises';

/** What this process holds, after a forced collection. */
export interface Sample {
  readonly atS: number;
  readonly heapMb: number;
  /** By type, such as `TCPSocketWrap` and `Timeout`: the fewest of some looks, since what leaks is always there. */
  readonly resources: Readonly<Record<string, number>>;
}

const LOOKS = 10;
const LOOK_EVERY_MS = 50;

const countResources = (): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
};

const fewestOf = async (): Promise<Record<string, number>> => {
  const looks: Map<string, number>[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    looks.push(countResources());
    await delay(LOOK_EVERY_MS);
  }
  const types = new Set(looks.flatMap((counts) => [...counts.keys()]));
  const fewest = (type: string) => Math.min(...looks.map((counts) => counts.get(type) ?? 0));
  return Object.fromEntries([...types].sort().map((type) => [type, fewest(type)]));
};

/** Finalizers run between the two collections, and free more. */
export const takeSample = async (startedAt: number): Promise<Sample> => {
  const atS = (performance.now() - startedAt) / 1000;
  const resources = await fewestOf();
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  return { atS, heapMb: process.memoryUsage().heapUsed / 1e6, resources };
};
