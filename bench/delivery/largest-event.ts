import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measureMemory } from '../memory.ts';
import { HELD_MS, startPeer, startPeers } from '../peers.ts';
import type { Row } from '../row.ts';

const LARGE_WAYS = ['invoke', 'inline'] as const;

/** Peak memory of `dispatch` with the largest events, whose deliveries are all large: `by-size` invokes for them. */
export const measureLargestEvents = async (memoryRuns: number): Promise<[way: string, rows: Row[]][]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'goim-job-bench-'));
  const { peers, slowLambda, stop } = await startPeers();
  const comet = await startPeer<{ address: string }>('comet', [`${HELD_MS}`]);
  const slow = { ...peers, lambda: slowLambda, comet: comet.ready.address };
  const measured: [string, Row[]][] = [];
  try {
    for (const way of LARGE_WAYS)
      measured.push([way, await measureMemory(folder, slow, { memoryRuns }, way)]);
  } finally {
    await Promise.all([comet.stop(), stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
  return measured;
};
