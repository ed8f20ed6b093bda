import { parseArgs } from 'node:util';

const SCENARIOS = ['isolation', 'catch-up', 'live'] as const;
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

/** Throws what is wrong with the arguments. */
export const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      pairs: { type: 'string' },
      'outage-s': { type: 'string' },
    },
  });
  const { quick, only } = values;
  if (only !== undefined && !isScenario(only)) throw new Error(`--only is one of ${SCENARIOS.join(', ')}`);
  return {
    scenarios: only === undefined ? SCENARIOS : [only],
    pairs: Number(values.pairs ?? (quick ? 1 : 5)),
    afterMs: quick ? 2_000 : 6_000,
    outageMs: Number(values['outage-s'] ?? (quick ? 5 : 60)) * 1000,
  };
};
