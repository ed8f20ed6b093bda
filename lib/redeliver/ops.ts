import { apartFrom } from '../domain/lanes.ts';
import { PROOF_TRIES, REDELIVER_OPS } from '../domain/limits.ts';
import type { Op } from '../domain/op.ts';
import { failureOf, type Outcome, type UndeliveredCode } from '../domain/outcome.ts';
import type { Suspects } from '../domain/suspects.ts';

export interface RedeliveryDeps {
  /** One outcome an op; undefined: it may not be called now. Never rejects for the comet's sake. */
  readonly deliver: (ops: readonly Op[]) => Promise<readonly Outcome[] | undefined>;
  readonly suspects: Suspects;
}

/** `more`: all of them are settled. */
export type RedeliveryEnd = 'more' | 'failing' | 'waiting';

/** Delivers the ops of one partition in order, adding their outcomes. */
export type Redelivery = (
  partition: string,
  ops: readonly Op[],
  outcomes: Map<Op, Outcome>,
) => Promise<RedeliveryEnd>;

/** It said nothing of its ops: they go in full batches once it is back. */
const UNREACHABLE: ReadonlySet<UndeliveredCode> = new Set([
  'COMET_UNREACHABLE',
  'COMET_UNAUTHORIZED',
  'COMET_TLS',
  'SECRET_FAILED',
  'COMET_BUSY',
  'COMET_ADDRESS_INVALID',
  'DELIVERY_SKIPPED',
]);

/** How many ops go at once, by partition; halved at each failure, doubled at each success. */
const createSizes = () => {
  const sizeByPartition = new Map<string, number>();
  const of = (partition: string): number => sizeByPartition.get(partition) ?? REDELIVER_OPS;
  return {
    of,
    grow: (partition: string): void => {
      if (!sizeByPartition.has(partition)) return;
      const size = of(partition) * 2;
      if (size < REDELIVER_OPS) sizeByPartition.set(partition, size);
      else sizeByPartition.delete(partition);
    },
    shrink: (partition: string, tried: number): void => {
      sizeByPartition.set(partition, Math.max(1, Math.floor(tried / 2)));
    },
  };
};

const isAny = (ops: readonly Op[]): ops is readonly [Op, ...Op[]] => ops.length > 0;

interface Redelivering extends RedeliveryDeps {
  readonly sizes: ReturnType<typeof createSizes>;
  visits: number;
}

/** What the comet said to these ops, or that it may not be asked. */
const attempt = async (
  { deliver, suspects }: Redelivering,
  ops: readonly Op[],
  outcomes: Map<Op, Outcome>,
): Promise<UndeliveredCode | 'taken' | 'waiting'> => {
  const answers = await deliver(ops);
  if (answers === undefined) return 'waiting';
  for (const [index, op] of ops.entries()) {
    const outcome = answers[index] as Outcome;
    if (outcome.status !== 'undelivered') outcomes.set(op, outcome);
  }
  suspects.took(ops.filter((op) => outcomes.get(op)?.status === 'delivered'));
  return failureOf(answers) ?? 'taken';
};

/** Whether the comet takes anything: some of these ops, others at each visit, since there may be more that it cannot take. */
const takesAny = async (
  work: Redelivering,
  others: readonly Op[],
  outcomes: Map<Op, Outcome>,
): Promise<RedeliveryEnd> => {
  for (let tries = 0; tries < Math.min(PROOF_TRIES, others.length); tries++) {
    const other = others[work.visits++ % others.length] as Op;
    const answer = await attempt(work, [other], outcomes);
    if (answer === 'waiting') return 'waiting';
    if (answer === 'taken') return 'more';
  }
  return 'failing';
};

/**
 * An op that fails alone is refused once it has failed often enough while the comet took others; to see that, ops that
 * share nothing with it go before it. A comet that takes none of those takes nothing.
 */
const failedAlone = async (
  work: Redelivering,
  [op, ...others]: readonly [Op, ...Op[]],
  code: UndeliveredCode,
  outcomes: Map<Op, Outcome>,
): Promise<RedeliveryEnd> => {
  if (!work.suspects.failedAlone(op)) return takesAny(work, apartFrom(op, others), outcomes);
  outcomes.set(op, { status: 'dropped', reason: 'refused', detail: code });
  return 'more';
};

/** Tries the first of the ops that are left; `more`: there may be others to try. */
const step = async (
  work: Redelivering,
  partition: string,
  left: readonly [Op, ...Op[]],
  outcomes: Map<Op, Outcome>,
): Promise<RedeliveryEnd> => {
  const { sizes } = work;
  const batch = left.slice(0, sizes.of(partition));
  const answer = await attempt(work, batch, outcomes);
  if (answer === 'waiting') return 'waiting';
  if (answer === 'taken') {
    sizes.grow(partition);
    return 'more';
  }
  if (UNREACHABLE.has(answer)) return 'failing';
  sizes.shrink(partition, batch.length);
  // A comet that does not answer is given time between the parts.
  if (batch.length > 1) return answer === 'COMET_TIMEOUT' ? 'failing' : 'more';
  return failedAlone(work, left, answer, outcomes);
};

export const createRedelivery = (deps: RedeliveryDeps): Redelivery => {
  const work = { ...deps, sizes: createSizes(), visits: 0 };
  return async (partition, ops, outcomes) => {
    let left = ops;
    while (isAny(left)) {
      const end = await step(work, partition, left, outcomes);
      if (end !== 'more') return end;
      left = left.filter((op) => !outcomes.has(op));
    }
    return 'more';
  };
};
