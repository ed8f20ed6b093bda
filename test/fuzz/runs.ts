import fc from 'fast-check';
import { expect } from 'vitest';

/** Generated inputs a target; the long mode sets 100,000. */
const RUNS = Number(process.env['FUZZ_RUNS'] || 1_000);
const SEED = Number(process.env['FUZZ_SEED'] || Date.now() % 2 ** 31);
const IS_LONG = RUNS > 1_000;

/** Of one target. */
export const FUZZ_TIMEOUT_MS = 20_000 + 10 * RUNS;
/** Inputs are some KiB: one that takes this long is read in more than linear time. */
const HANG_MS = 5_000;
/** An input that the first decode refuses tests nothing behind it. */
const MIN_PAST_SHARE = 1 / 5;

/** An input may be large. */
const MAX_REPORT_CHARS = 5_000;

/** Whether an input got past the first decode. */
type Check<T> = (input: T) => boolean | Promise<boolean>;

/** Checks generated inputs; too few past the first decode fail as well. `FUZZ_SEED` repeats a run. */
export const fuzz = async <T>(name: string, inputs: fc.Arbitrary<T>, check: Check<T>): Promise<void> => {
  let past = 0;
  const checkOne = async (input: T): Promise<void> => {
    const startedAt = performance.now();
    if (await check(input)) past += 1;
    if (performance.now() - startedAt > HANG_MS) throw new Error('the input took too long');
  };
  // Before: a hang tells nothing else.
  if (IS_LONG) console.log(`${name}: ${RUNS} inputs, seed ${SEED}`);
  const startedAt = performance.now();
  const run = await fc.check(fc.asyncProperty(inputs, checkOne), { numRuns: RUNS, seed: SEED });
  if (run.failed)
    throw new Error(fc.defaultReportMessage(run)?.slice(0, MAX_REPORT_CHARS), { cause: run.errorInstance });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (IS_LONG)
    console.log(`${name}: ${((100 * past) / RUNS).toFixed(0)} % past the first decode, ${seconds} s`);
  expect(past / RUNS).toBeGreaterThanOrEqual(MIN_PAST_SHARE);
};
