import { once } from 'node:events';
import { runSeed } from './one-seed.ts';
import type { ChaosOptions } from './options.ts';

/** One seed, for `run.ts`. */
const [{ seed, options }] = (await once(process, 'message')) as [{ seed: number; options: ChaosOptions }];
process.on('disconnect', () => process.exit(1));
process.send?.(await runSeed(seed, options));
