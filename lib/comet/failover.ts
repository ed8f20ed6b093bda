import type { Op } from '../domain/op.ts';
import { type Outcome, undelivered } from '../domain/outcome.ts';
import { ServiceError } from '../errors.ts';
import { createHealth, type Health } from '../health.ts';
import type { CometClient } from './client.ts';

/** The comet itself said so: another address leads to the same comet. */
const ANSWERED: ReadonlySet<string> = new Set(['COMET_BUSY', 'COMET_PARTIAL', 'DELIVERY_SKIPPED']);

/** Whether a call with this code failed at its address, so that the next one is worth trying. */
const isFailure = (code: string | undefined): boolean => code !== undefined && !ANSWERED.has(code);

const isFailedCall = (error: unknown): boolean =>
  isFailure(error instanceof ServiceError ? error.code : 'COMET_UNREACHABLE');

const codeOf = (outcome: Outcome | undefined): string | undefined =>
  outcome?.status === 'undelivered' ? outcome.code : undefined;

/** What the first address leaves undelivered goes to the next one, in the same order. */
const deliverInTurn = async (
  health: Health<CometClient>,
  ops: readonly Op[],
  signal: AbortSignal,
): Promise<Outcome[]> => {
  const outcomes: Outcome[] = ops.map(() => undelivered('COMET_ADDRESS_INVALID'));
  let pending = [...ops.keys()];
  for (const address of health.inOrder()) {
    const answers = await address.value.deliver(
      pending.map((index) => ops[index] as Op),
      signal,
    );
    for (const [place, index] of pending.entries()) outcomes[index] = answers[place] as Outcome;
    pending = pending.filter((index) => codeOf(outcomes[index]) !== undefined);
    const failed = isFailure(codeOf(outcomes[pending[0] ?? -1]));
    health.note(address, failed);
    if (!failed || signal.aborted) break;
  }
  return outcomes;
};

const askInTurn = async <T>(
  health: Health<CometClient>,
  ask: (client: CometClient) => Promise<T>,
  signal: AbortSignal,
): Promise<T> => {
  let failure: unknown;
  for (const address of health.inOrder()) {
    try {
      const answer = await ask(address.value);
      health.note(address, false);
      return answer;
    } catch (error) {
      failure = error;
      const failed = isFailedCall(error);
      health.note(address, failed);
      if (!failed || signal.aborted) break;
    }
  }
  throw failure ?? new ServiceError('COMET_ADDRESS_INVALID', 'The comet has no address', { retryable: true });
};

/** One comet at several addresses: tried in order of health, a failed one not first again until its back-off ends. */
export const withFailover = (clients: readonly CometClient[], now: () => number): CometClient => {
  const health = createHealth(clients, now);
  return {
    deliver: (ops, signal) => deliverInTurn(health, ops, signal),
    rooms: (signal) => askInTurn(health, (client) => client.rooms(signal), signal),
    // Of the address that is asked for the list, without a word on its health: it is not what a call waits for.
    roomsChange: async (signal) => (await health.inOrder()[0]?.value.roomsChange?.(signal)) ?? 'unsupported',
    close: () => {
      for (const client of clients) client.close();
    },
  };
};
