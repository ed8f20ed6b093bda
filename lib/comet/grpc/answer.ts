import { MAX_REPLY_BYTES } from '../../domain/limits.ts';
import type { Op } from '../../domain/op.ts';
import type { Undelivered } from '../../domain/outcome.ts';
import type { Pace } from '../calls/pace.ts';
import type { Scope } from '../calls/scope.ts';
import { callError, undeliveredBy } from '../error.ts';
import type { GrpcCalls } from './call.ts';
import { grpcStatusError, STATUS } from './error.ts';
import { encodeCall, type Ops } from './message.ts';
import { type GrpcReply, unframe } from './reply.ts';

/** What a comet said to one call. */
export type Answer =
  | { readonly kind: 'taken' }
  /** The queue of one key's connection is full; of which key, it does not say. */
  | { readonly kind: 'full' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'failed'; readonly why: Undelivered };

/** goim's own words, all with the code Unknown; before `room` it has two spaces. */
const FULL = 'signal channel full, msg dropped';
const ARGUMENT_ERROR = /^rpc (?:pushmsg|broadcast|broadcast +room) arg error$/;

const isRefusal = ({ status, statusMessage }: GrpcReply): boolean =>
  status === STATUS.invalidArgument || (status !== STATUS.ok && ARGUMENT_ERROR.test(statusMessage));

/** Throws a `CometError` for any other status. */
const answerOf = (reply: GrpcReply, type: Op['type']): Answer => {
  const { status, statusMessage, frame } = reply;
  if (status === STATUS.ok) {
    unframe(frame);
    return { kind: 'taken' };
  }
  if (type === 'push' && statusMessage === FULL) return { kind: 'full' };
  // Not in the comet's words, which may hold keys.
  if (isRefusal(reply)) return { kind: 'refused', detail: `the comet answered status ${status}` };
  throw grpcStatusError(status);
};

/** Broadcasts keep their distance as a room's calls do; no room has an empty name. */
const laneOf = (op: Op): string => (op.type === 'room' ? op.room : '');

export interface AskDeps {
  readonly calls: GrpcCalls;
  readonly pace: Pace;
}

/** Asks the comet to take these ops. Never rejects. */
export const ask = async ({ calls, pace }: AskDeps, ops: Ops, scope: Scope): Promise<Answer> => {
  const [like] = ops;
  const call = () => calls.unary(() => encodeCall(ops), MAX_REPLY_BYTES, scope);
  try {
    if (like.type === 'push') return answerOf(await call(), like.type);
    await pace.turn([laneOf(like)], scope);
    const reply = await call().finally(() => pace.answered(laneOf(like)));
    return answerOf(reply, like.type);
  } catch (error) {
    const failure = callError(error);
    scope.failed(failure);
    return { kind: 'failed', why: undeliveredBy(failure) };
  }
};
