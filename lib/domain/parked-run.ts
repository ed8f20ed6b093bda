import { cut, type EncodedOp } from './batch.ts';
import { MAX_RUN_BYTES } from './limits.ts';
import type { Op } from './op.ts';
import { coordinatesOf } from './push-message.ts';

/** Ops of one batch and partition that one comet did not take, in offset order. */
export interface ParkedRun {
  readonly comet: string;
  /** `<topic>-<n>`. */
  readonly partition: string;
  /** `<first offset, 20 digits>#<random>`: a batch that comes again, cut differently, overwrites nothing. */
  readonly run: string;
  /** ms since 1970. */
  readonly parkedAt: number;
  /** By hand, from dead letters: exempt from `MESSAGE_TTL_S`. */
  readonly replayed: boolean;
  readonly ops: readonly Op[];
}

const OFFSET_DIGITS = 20;

export const offsetOf = ({ id }: Op): number => coordinatesOf(id).offset;

/** By which a queue is in order; also after the run's first ops are dealt with. */
export const firstOffsetOf = ({ run }: ParkedRun): number => Number(run.slice(0, OFFSET_DIGITS));

/** The ops of one partition as runs: at most `MAX_RUN_BYTES` of JSON each, or one op. */
export const cutRuns = (
  ops: readonly EncodedOp[],
  like: Omit<ParkedRun, 'run' | 'ops'>,
  random: () => string,
): ParkedRun[] =>
  cut(ops, Number.POSITIVE_INFINITY, MAX_RUN_BYTES).map((chunk) => {
    const own = chunk.ops.map(({ op }) => op);
    const first = String(offsetOf(own[0] as Op)).padStart(OFFSET_DIGITS, '0');
    return { ...like, run: `${first}#${random()}`, ops: own };
  });
