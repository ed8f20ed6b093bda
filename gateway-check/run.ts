import type { Check, Finding, Need } from './check.ts';
import { CHECKS } from './checks/all.ts';
import { type GatewayOptions, openGateway, type Seen } from './gateway.ts';

export type Result =
  | { readonly check: Check; readonly status: 'passed'; readonly ms: number }
  | { readonly check: Check; readonly status: 'failed'; readonly ms: number; readonly finding: Finding }
  | { readonly check: Check; readonly status: 'skipped'; readonly ms: number; readonly why: string };

export interface RunOptions extends GatewayOptions {
  /** The clients' protocol has operations, as goim's. */
  readonly hasOperations: boolean;
}

/** What a need wants of the command. */
const WANTED: Readonly<Record<Need, string>> = {
  token: 'needs --token',
  clients: 'needs --clients',
  operations: 'needs --clients of goim’s protocol',
};

/** What is missing for a check; undefined: nothing. */
const missing = ({ needs = [] }: Check, { token, openClient, hasOperations }: RunOptions) => {
  const has: Readonly<Record<Need, boolean>> = {
    token: token !== undefined,
    clients: openClient !== undefined,
    operations: hasOperations,
  };
  const need = needs.find((one) => !has[one]);
  return need && WANTED[need];
};

const outcomeOf = async (check: Check, options: RunOptions, seen: Seen[]) => {
  const why = missing(check, options);
  if (why !== undefined) return why;
  const gateway = openGateway(check.id, options, seen);
  try {
    return await check.run(gateway);
  } catch (error) {
    const came = error instanceof Error ? error.message : `${error}`;
    return { sent: 'what the check sends', came, wanted: check.says };
  } finally {
    await gateway.close();
  }
};

const resultOf = (check: Check, ms: number, outcome: Finding | string | undefined): Result => {
  if (outcome === undefined) return { check, ms, status: 'passed' };
  return typeof outcome === 'string'
    ? { check, ms, status: 'skipped', why: outcome }
    : { check, ms, status: 'failed', finding: outcome };
};

/** All checks, one after the other; a result as soon as it is there. */
export async function* runChecks(options: RunOptions): AsyncGenerator<Result> {
  const seen: Seen[] = [];
  for (const check of CHECKS) {
    const startedAt = performance.now();
    const outcome = await outcomeOf(check, options, seen);
    yield resultOf(check, performance.now() - startedAt, outcome);
  }
}
