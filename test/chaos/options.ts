import { parseArgs } from 'node:util';
import type { Broken } from './broken.ts';
import { BREAKS } from './tables/breaks.ts';

export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly records: number;
  readonly seconds: number;
  /** Of each kind of fault and seed. */
  readonly times: number;
  /** Only faults whose names it matches. */
  readonly only: string | undefined;
  /** The few faults that show what is taken out. */
  readonly broken: Broken | undefined;
}

const CHOICES = [...BREAKS, 'none'] as const;

/** Odd seeds have a static registry, with HTTP and gRPC; even ones discovery, with gRPC alone. */
const DEFAULT_SEEDS = [3, 4];
const SECONDS = 100;
const RECORDS = 54_000;
const TIMES = 3;

const LONG_SECONDS = 1_800;
const BROKEN_SECONDS = 18;
/** Records a second: with more, each mark is raised by a newer record before it is deleted. */
const TOKEN_RATE = 100;

export const USAGE = `usage: npm run chaos -- [--seed N]… [--records N] [--seconds N] [--times N] [--long] [--only REGEXP] [--break ${CHOICES.join(' | ')}]`;

const whole = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${text} is not a whole number above 0`);
  return value;
};

/** `records`, `seconds` and `times` are of one seed. Throws an error that says what is wrong. */
export const readOptions = (args: readonly string[]): ChaosOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', multiple: true },
      records: { type: 'string' },
      seconds: { type: 'string' },
      times: { type: 'string' },
      long: { type: 'boolean' },
      only: { type: 'string' },
      break: { type: 'string' },
    },
  });
  const broken = CHOICES.find((name) => name === values.break);
  if (values.break !== undefined && broken === undefined)
    throw new Error(`there is nothing to break named ${values.break}`);
  const seconds = whole(values.seconds, values.long ? LONG_SECONDS : broken ? BROKEN_SECONDS : SECONDS);
  const rate = broken === 'token' ? TOKEN_RATE : RECORDS / SECONDS;
  return {
    seeds: values.seed?.map((text) => whole(text, 1)) ?? (broken ? [1] : DEFAULT_SEEDS),
    seconds,
    records: whole(values.records, Math.round(seconds * rate)),
    times: whole(values.times, Math.max(1, Math.round((seconds * TIMES) / SECONDS))),
    only: values.only,
    broken,
  };
};
