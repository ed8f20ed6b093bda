import { parseArgs } from 'node:util';

export interface Options {
  readonly quick: boolean;
  /** Samples of a row. */
  readonly rounds: number;
  readonly sampleMs: number;
  /** Each row runs this long before it counts, so that it is compiled. */
  readonly warmUpMs: number;
  readonly imports: number;
  readonly memoryRuns: number;
}

const FULL: Options = {
  quick: false,
  rounds: 15,
  sampleMs: 200,
  warmUpMs: 1_000,
  imports: 11,
  memoryRuns: 3,
};
const QUICK: Options = { quick: true, rounds: 3, sampleMs: 60, warmUpMs: 300, imports: 5, memoryRuns: 1 };

export const readOptions = (): Options =>
  parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values.quick ? QUICK : FULL;
