import { FULL_RETRY_MS } from '../../domain/limits.ts';
import type { Op, PushOp } from '../../domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../domain/outcome.ts';
import type { Scope } from '../calls/scope.ts';
import { type Answer, type AskDeps, ask } from './answer.ts';
import type { Ops } from './message.ts';

/** Sends ops with one target as one call, and if that does not do, in parts. One outcome an op; never rejects. */
export type Send = (ops: Ops) => Promise<Outcome[]>;

const forAll = (ops: readonly Op[], outcome: Outcome): Outcome[] => ops.map(() => outcome);

const slowOutcome = (slow: readonly string[], keys: number): Outcome => ({
  status: 'dropped',
  reason: 'slow',
  detail: `${slow.length} of ${keys} keys`,
  keys: slow,
});

const slowKeysOf = (outcome: Outcome): readonly string[] =>
  outcome.status === 'dropped' ? (outcome.keys ?? []) : [];

/** An op sent key by key: undelivered if it is so for any key, for all of them come again; else slow if any key is. */
const mergeKeys = (outcomes: readonly Outcome[]): Outcome => {
  const failed = outcomes.find(({ status }) => status === 'undelivered');
  if (failed !== undefined) return failed;
  const slow = outcomes.flatMap(slowKeysOf);
  if (slow.length > 0) return slowOutcome(slow, outcomes.length);
  return outcomes.find(({ status }) => status === 'dropped') ?? DELIVERED;
};

const toKey = ([first, ...others]: Ops<PushOp>, key: string): Ops<PushOp> => {
  const narrowed = (op: PushOp): PushOp => ({ ...op, keys: [key] });
  return [narrowed(first), ...others.map(narrowed)];
};

/** For one delivery: it remembers which connections were full, to wait for each of them once. */
export const createSend = (deps: AskDeps, scope: Scope): Send => {
  const slow = new Set<string>();

  const outcomesOf = async (ops: Ops, answer: Answer): Promise<Outcome[]> => {
    switch (answer.kind) {
      case 'taken':
        return forAll(ops, DELIVERED);
      case 'failed':
        return forAll(ops, { status: 'undelivered', ...answer.why });
      case 'refused':
        return ops.length === 1
          ? [{ status: 'dropped', reason: 'refused', detail: answer.detail }]
          : await opByOp(ops);
      case 'full':
        return await keyByKey(ops as Ops<PushOp>);
    }
  };
  const send: Send = async (ops) => outcomesOf(ops, await ask(deps, ops, scope));

  /** Which of them is refused, the comet does not say. */
  const opByOp = async (ops: Ops): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const op of ops) {
      const stopped = outcomes.at(-1)?.status === 'undelivered';
      outcomes.push(...(stopped ? [undelivered('DELIVERY_SKIPPED')] : await send([op])));
    }
    return outcomes;
  };

  /** The comet stopped at the first full connection: those before it get their packets twice, those after it their first. */
  const keyByKey = async (ops: Ops<PushOp>): Promise<Outcome[]> => {
    const [key, ...others] = [...new Set(ops[0].keys)];
    if (key === undefined) return forAll(ops, DELIVERED);
    if (others.length === 0) return await onceMore(toKey(ops, key), key);
    const byKey = await Promise.all([key, ...others].map((one) => send(toKey(ops, one))));
    return ops.map((_, index) => mergeKeys(byKey.flatMap((outcomes) => outcomes[index] ?? [])));
  };

  const onceMore = async (ops: Ops, key: string): Promise<Outcome[]> => {
    if (!slow.has(key)) await scope.wait(FULL_RETRY_MS);
    const answer = await ask(deps, ops, scope);
    if (answer.kind !== 'full') return await outcomesOf(ops, answer);
    slow.add(key);
    return forAll(ops, slowOutcome([key], 1));
  };
  return send;
};
