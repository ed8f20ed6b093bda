import { readArguments } from '../local/commands/arguments.ts';

export const USAGE = `npm run bench -- [--quick]
CPU time, memory and sizes of the deployed code; what each row means stands in bench/README.md. About 4 minutes.
  --quick  under a minute; its figures are rough`;

export interface Options {
  readonly quick: boolean;
  /** Samples of a row. */
  readonly rounds: number;
  readonly sampleMs: number;
  /** Each row runs this long before it counts, so that it is compiled. */
  readonly warmUpMs: number;
  readonly imports: number;
  readonly memoryRuns: number;
  /** How long each run of a running `mergeRooms` is measured; there are `memoryRuns`. */
  readonly mergeMs: number;
}

const FULL: Options = {
  quick: false,
  rounds: 15,
  sampleMs: 200,
  warmUpMs: 1_000,
  imports: 11,
  memoryRuns: 3,
  mergeMs: 10_000,
};
const QUICK: Options = {
  quick: true,
  rounds: 3,
  sampleMs: 60,
  warmUpMs: 300,
  imports: 5,
  memoryRuns: 1,
  mergeMs: 5_000,
};

/** Throws a `UsageError`. */
export const readOptions = (args: readonly string[]): Options =>
  readArguments(args, { quick: { type: 'boolean', default: false } }).values.quick ? QUICK : FULL;
