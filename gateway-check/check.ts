import type { Gateway } from './gateway.ts';

/** What a check saw that is not as the specification says; each in words. */
export interface Finding {
  readonly sent: string;
  readonly came: string;
  readonly wanted: string;
}

/** What a check cannot do without. */
export type Need = 'token' | 'clients' | 'operations';

/** One sentence of docs/comet-api.yaml that can be seen from outside. */
export interface Check {
  /** Names the check's ops and clients, so that none meets another's. */
  readonly id: string;
  readonly says: string;
  readonly needs?: readonly Need[];
  /** Undefined: it is so. A string: it cannot be seen here, and why. */
  run(gateway: Gateway): Promise<Finding | string | undefined>;
}

/** The first of several. */
export const firstFinding = async (
  steps: readonly (() => Promise<Finding | undefined>)[],
): Promise<Finding | undefined> => {
  for (const step of steps) {
    const finding = await step();
    if (finding !== undefined) return finding;
  }
  return undefined;
};
