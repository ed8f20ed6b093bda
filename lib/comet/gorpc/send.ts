import { DELIVERED, type Outcome, undelivered } from '../../domain/outcome.ts';
import type { Scope } from '../calls/scope.ts';
import { type AskDeps, ask, type Targets } from './answer.ts';
import type { Messages } from './message.ts';

/** Sends messages of one or several targets in one call, and if that does not do, in parts. One outcome a message, in order; never rejects. */
export type Send = (targets: Targets) => Promise<Outcome[]>;

const REFUSED: Outcome = {
  status: 'dropped',
  reason: 'refused',
  detail: 'the comet answered an argument error',
};

const forAll = (targets: Targets, outcome: Outcome): Outcome[] => targets.flat().map(() => outcome);

/** For one delivery. `onMissing` is told when the comet takes one target a call only. */
export const createSend = (deps: AskDeps, scope: Scope, onMissing: () => void): Send => {
  const send: Send = async (targets) => {
    const answer = await ask(deps, targets, scope);
    switch (answer.kind) {
      case 'taken':
        return forAll(targets, DELIVERED);
      case 'failed':
        return forAll(targets, { status: 'undelivered', ...answer.why });
      case 'refused':
        return targets.flat().length === 1
          ? [REFUSED]
          : await inTurn(targets.flat().map((message) => [message]));
      case 'missing':
        onMissing();
        return await inTurn(targets);
    }
  };

  /** Each by itself, as long as the comet takes them. Which of them is refused, it does not say. */
  const inTurn = async (parts: readonly Messages[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const part of parts) {
      const stopped = outcomes.at(-1)?.status === 'undelivered';
      outcomes.push(...(stopped ? forAll([part], undelivered('DELIVERY_SKIPPED')) : await send([part])));
    }
    return outcomes;
  };
  return send;
};
