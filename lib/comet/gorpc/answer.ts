import { MAX_REPLY_BYTES } from '../../domain/limits.ts';
import type { Undelivered } from '../../domain/outcome.ts';
import type { Pace } from '../calls/pace.ts';
import type { Scope } from '../calls/scope.ts';
import { callError, undeliveredBy } from '../error.ts';
import type { GorpcCalls } from './call.ts';
import { answeredError, isMissing, isRefusal } from './error.ts';
import { type Messages, pushesRequest, targetRequest } from './message.ts';
import type { GorpcReply } from './reply.ts';

/** What a comet said to one call. */
export type Answer =
  /** By those of its connections that were there and not full; of the others it says nothing. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' }
  /** The comet takes one target a call. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly why: Undelivered };

export interface AskDeps {
  readonly calls: GorpcCalls;
  /** Of rooms and of broadcasts, which a comet hands on after its answer. */
  readonly roomPace: Pace;
  readonly keyPace: Pace;
}

/** Throws a `CometError` for any other error. */
const answerOf = ({ error }: GorpcReply, targets: number): Answer => {
  if (error === '') return { kind: 'taken' };
  if (isRefusal(error)) return { kind: 'refused' };
  if (targets > 1 && isMissing(error)) return { kind: 'missing' };
  throw answeredError();
};

/** Messages of several targets, which are pushes then, each to its own. */
export type Targets = readonly [Messages, ...Messages[]];

const keysOf = (targets: Targets): readonly string[] =>
  targets.flatMap(([{ op }]) => (op.type === 'push' ? op.keys : []));

/** Asks the comet to take these messages, in one call. Never rejects. */
export const ask = async (
  { calls, roomPace, keyPace }: AskDeps,
  targets: Targets,
  scope: Scope,
): Promise<Answer> => {
  const [first, ...others] = targets;
  const [{ op }] = first;
  const makeRequest = () => (others.length === 0 ? targetRequest(first) : pushesRequest(targets));
  const call = () => calls.unary(makeRequest, MAX_REPLY_BYTES, scope);
  try {
    if (op.type === 'push') {
      await keyPace.turn(keysOf(targets), scope);
      return answerOf(await call(), targets.length);
    }
    // No room's name is empty.
    const lane = op.type === 'room' ? op.room : '';
    await roomPace.turn([lane], scope);
    return answerOf(await call().finally(() => roomPace.answered(lane)), 1);
  } catch (error) {
    const failure = callError(error);
    scope.failed(failure);
    return { kind: 'failed', why: undeliveredBy(failure) };
  }
};
