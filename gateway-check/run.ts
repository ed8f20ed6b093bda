import type { Check, Finding, Need } from './check.ts';
import { CHECKS } from './checks/all.ts';
import { type GatewayOptions, openGateway } from './gateway.ts';
import type { Answer } from './http.ts';

export type Result =
  | { readonly check: Check; readonly status: 'passed'; readonly ms: number }
  | { readonly check: Check; readonly status: 'failed'; readonly ms: number; readonly finding: Finding }
  | { readonly check: Check; readonly status: 'skipped'; readonly ms: number; readonly why: string };

export interface RunOptions extends GatewayOptions {
  /** The clients' protocol has operations, as goim's. */
  readonly hasOperations: boolean;
}

/** What is missing for a check; undefined: nothing. */
const missing = (need: Need | undefined, { token, openClient, hasOperations }: RunOptions) => {
  switch (need) {
    case undefined:
      return undefined;
    case 'token':
      return token === undefined ? 'needs --token' : undefined;
    case 'clients':
      return openClient === undefined ? 'needs --clients' : undefined;
    case 'operations':
      return hasOperations ? undefined : 'needs --clients of goim’s protocol';
  }
};

const outcomeOf = async (check: Check, options: RunOptions, busy: Answer[]) => {
  const why = missing(check.needs, options);
  if (why !== undefined) return why;
  const gateway = openGateway(check.id, options, busy);
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
  const busy: Answer[] = [];
  for (const check of CHECKS) {
    const startedAt = performance.now();
    const outcome = await outcomeOf(check, options, busy);
    yield resultOf(check, performance.now() - startedAt, outcome);
  }
}
