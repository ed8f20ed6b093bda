import { positiveWhole, readArguments, UsageError } from '../../local/commands/arguments.ts';
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

export const USAGE = `npm run chaos -- [--seed N]… [--records N] [--seconds N] [--times N] [--long] [--only REGEXP] [--break WHAT]
The local set under a seeded schedule of faults; what each means stands in test/chaos/README.md.
  --seed N       again with this seed; may be given several times (${DEFAULT_SEEDS.join(' and ')})
  --records N    records of a seed
  --seconds N    over which they are produced (${SECONDS})
  --times N      how often each kind of fault strikes (${TIMES})
  --long         for ${LONG_SECONDS / 60} minutes a seed
  --only REGEXP  only faults whose names it matches
  --break WHAT   takes a protection out, which must be missed: ${CHOICES.join(', ')}`;

const regexpOf = (text: string | undefined): string | undefined => {
  try {
    return text === undefined ? undefined : new RegExp(text).source;
  } catch {
    throw new UsageError(`--only is not a regular expression: ${text}`);
  }
};

/** `records`, `seconds` and `times` are of one seed. Throws a `UsageError`. */
export const readOptions = (args: readonly string[]): ChaosOptions => {
  const { values } = readArguments(args, {
    seed: { type: 'string', multiple: true },
    records: { type: 'string' },
    seconds: { type: 'string' },
    times: { type: 'string' },
    long: { type: 'boolean' },
    only: { type: 'string' },
    break: { type: 'string' },
  });
  const whole = (name: 'records' | 'seconds' | 'times', fallback: number): number =>
    positiveWhole(`--${name}`, values[name] ?? `${fallback}`);
  const broken = CHOICES.find((name) => name === values.break);
  if (values.break !== undefined && broken === undefined)
    throw new UsageError(`--break is one of ${CHOICES.join(', ')}, not ${values.break}`);
  const seconds = whole('seconds', values.long ? LONG_SECONDS : broken ? BROKEN_SECONDS : SECONDS);
  const rate = broken === 'token' ? TOKEN_RATE : RECORDS / SECONDS;
  return {
    seeds: values.seed?.map((text) => positiveWhole('--seed', text)) ?? (broken ? [1] : DEFAULT_SEEDS),
    seconds,
    records: whole('records', Math.round(seconds * rate)),
    times: whole('times', Math.max(1, Math.round((seconds * TIMES) / SECONDS))),
    only: regexpOf(values.only),
    broken,
  };
};
