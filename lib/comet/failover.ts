import type { Op } from '../domain/op.ts';
import { type Outcome, undelivered } from '../domain/outcome.ts';
import { ServiceError } from '../errors.ts';
import type { CometClient } from './client.ts';

interface Address {
  readonly client: CometClient;
  failures: number;
  /** Not tried first again before this, ms. */
  backOffUntil: number;
}

const FIRST_BACK_OFF_MS = 1_000;
const MAX_BACK_OFF_MS = 30_000;
/** The comet itself said so: another address leads to the same comet. */
const ANSWERED: ReadonlySet<string> = new Set(['COMET_BUSY', 'COMET_PARTIAL', 'DELIVERY_SKIPPED']);

/** Addresses in order of health: the first one that is not backing off, in the order of the registry. */
const createHealth = (clients: readonly CometClient[], now: () => number) => {
  const addresses: Address[] = clients.map((client) => ({ client, failures: 0, backOffUntil: 0 }));
  return {
    inOrder: (): Address[] => {
      const time = now();
      const rank = ({ backOffUntil }: Address): number => (backOffUntil <= time ? 0 : backOffUntil);
      return addresses.toSorted((a, b) => rank(a) - rank(b));
    },
    /** Whether the address failed, so that the next one is worth trying. */
    note: (address: Address, code: string | undefined): boolean => {
      const failed = code !== undefined && !ANSWERED.has(code);
      address.failures = failed ? address.failures + 1 : 0;
      const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (address.failures - 1), MAX_BACK_OFF_MS);
      address.backOffUntil = failed ? now() + backOffMs : 0;
      return failed;
    },
  };
};
type Health = ReturnType<typeof createHealth>;

const codeOf = (outcome: Outcome | undefined): string | undefined =>
  outcome?.status === 'undelivered' ? outcome.code : undefined;

/** What the first address leaves undelivered goes to the next one, in the same order. */
const deliverInTurn = async (health: Health, ops: readonly Op[], signal: AbortSignal): Promise<Outcome[]> => {
  const outcomes: Outcome[] = ops.map(() => undelivered('COMET_ADDRESS_INVALID'));
  let pending = [...ops.keys()];
  for (const address of health.inOrder()) {
    const answers = await address.client.deliver(
      pending.map((index) => ops[index] as Op),
      signal,
    );
    for (const [place, index] of pending.entries()) outcomes[index] = answers[place] as Outcome;
    pending = pending.filter((index) => codeOf(outcomes[index]) !== undefined);
    const failed = health.note(address, codeOf(outcomes[pending[0] ?? -1]));
    if (!failed || signal.aborted) break;
  }
  return outcomes;
};

const askInTurn = async <T>(
  health: Health,
  ask: (client: CometClient) => Promise<T>,
  signal: AbortSignal,
): Promise<T> => {
  let failure: unknown = new ServiceError('COMET_ADDRESS_INVALID', 'The comet has no address', {
    retryable: true,
  });
  for (const address of health.inOrder()) {
    try {
      const answer = await ask(address.client);
      health.note(address, undefined);
      return answer;
    } catch (error) {
      failure = error;
      const failed = health.note(address, error instanceof ServiceError ? error.code : 'COMET_UNREACHABLE');
      if (!failed || signal.aborted) break;
    }
  }
  throw failure;
};

/** One comet at several addresses: tried in order of health, a failed one not first again until its back-off ends. */
export const withFailover = (clients: readonly CometClient[], now: () => number): CometClient => {
  const health = createHealth(clients, now);
  return {
    deliver: (ops, signal) => deliverInTurn(health, ops, signal),
    rooms: (signal) => askInTurn(health, (client) => client.rooms(signal), signal),
    ping: (signal) => askInTurn(health, (client) => client.ping(signal), signal),
    close: () => {
      for (const client of clients) client.close();
    },
  };
};
