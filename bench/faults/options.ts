import { positive, positiveWhole, readArguments, UsageError } from '../../local/commands/arguments.ts';

const SCENARIOS = ['isolation', 'back', 'catch-up', 'live'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface Options {
  readonly scenarios: readonly Scenario[];
  /** Of isolation; each is a run without a fault and one with each kind. */
  readonly pairs: number;
  /** What isolation measures after the first batch, ms. */
  readonly afterMs: number;
  /** Of catch-up, and the longer one of live, ms. */
  readonly outageMs: number;
}

const isScenario = (name: string): name is Scenario => SCENARIOS.some((one) => one === name);

export const USAGE = `npm run bench:faults -- [--quick] [--only ${SCENARIOS.join(' | ')}] [--pairs N] [--outage-s N]
What a comet that fails costs the others, and how soon it has caught up; about 12 minutes.
  --quick       about 3 minutes; its figures are rough
  --only S      one scenario
  --pairs N     of isolation: runs with a fault, each beside one without (5); of back, runs of each kind, 3 at most
  --outage-s N  of catch-up and live: how long the comet is down (60)`;

/** Throws a `UsageError`. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = readArguments(args, {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    pairs: { type: 'string' },
    'outage-s': { type: 'string' },
  });
  const { quick, only } = values;
  if (only !== undefined && !isScenario(only))
    throw new UsageError(`--only is one of ${SCENARIOS.join(', ')}, not ${only}`);
  return {
    scenarios: only === undefined ? SCENARIOS : [only],
    pairs: positiveWhole('--pairs', values.pairs ?? (quick ? '1' : '5')),
    afterMs: quick ? 2_000 : 6_000,
    outageMs: positive('--outage-s', values['outage-s'] ?? (quick ? '5' : '60')) * 1000,
  };
};
