import { encodeOp } from '../../lib/domain/batch.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Park } from '../../lib/parking/park.ts';
import type { LetterContent } from './content.ts';
import type { DispatchAgain } from './dispatch-again.ts';
import { opRecord } from './op-record.ts';

export interface ResendDeps {
  readonly park: Park;
  readonly dispatchAgain: DispatchAgain;
}

/** What came of it, or a store's failure as text. */
export const orProblem = async <T>(work: Promise<T>): Promise<T | { readonly problem: string }> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ServiceError) return { problem: `${error.code}: ${error.message}` };
    throw error;
  }
};

export const isProblem = (result: unknown): result is { readonly problem: string } =>
  typeof result === 'object' && result !== null && 'problem' in result;

/** What is too large to be parked goes through `dispatch`, one an event. Undefined, or why it could not go. */
const resendOps = async (
  { park, dispatchAgain }: ResendDeps,
  contents: readonly LetterContent[],
): Promise<string | undefined> => {
  const ops = contents.filter((content) => content.kind === 'op');
  const [first] = ops;
  if (first === undefined) return undefined;
  const encoded = ops.map(({ op }) => encodeOp(op));
  const tooLarge = await orProblem(park(first.comet, encoded, { inFleet: true, replayed: true }));
  if (isProblem(tooLarge)) return tooLarge.problem;
  for (const op of tooLarge) {
    const problem = await dispatchAgain([opRecord(first.comet, op)], first.comet);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** Ops of one comet or records of one partition, in order. Undefined: all are parked, or `dispatch` has dealt with them; else why not. */
export const resend = async (
  deps: ResendDeps,
  contents: readonly LetterContent[],
): Promise<string | undefined> => {
  const failed = await resendOps(deps, contents);
  const records = contents.flatMap((content) => (content.kind === 'record' ? [content.record] : []));
  if (failed !== undefined || records.length === 0) return failed;
  return deps.dispatchAgain(records);
};
