import {
  MAX_ROOMS_REPLY_BYTES,
  ROOM_BURST_CALLS,
  ROOM_CALL_EVERY_MS,
  ROOM_GAP_MS,
} from '../../domain/limits.ts';
import type { Op } from '../../domain/op.ts';
import { type Outcome, undelivered } from '../../domain/outcome.ts';
import { createPlan, type Guard, openPace } from '../calls/guards.ts';
import { sendInOrder } from '../calls/order.ts';
import { inScope } from '../calls/scope.ts';
import type { CometClient } from '../client.ts';
import { type GrpcCalls, type GrpcOptions, openGrpcCalls } from './call.ts';
import { grpcStatusError, STATUS } from './error.ts';
import { ROOMS_REQUEST } from './message.ts';
import { readRooms, unframe } from './reply.ts';
import { createSend } from './send.ts';

export interface GrpcCometOptions extends GrpcOptions {
  readonly guardsOff?: readonly Guard[];
}

const ROOM_PACE = {
  gapMs: ROOM_GAP_MS,
  burstCalls: ROOM_BURST_CALLS,
  callEveryMs: ROOM_CALL_EVERY_MS,
};

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  if (a.size !== b.size) return false;
  for (const room of a) if (!b.has(room)) return false;
  return true;
};

/** The list comes whole each time; unchanged, it is the same set as before. */
const openRooms = ({ unary }: GrpcCalls): CometClient['rooms'] => {
  let last: ReadonlySet<string> = new Set();
  return async (signal) => {
    const { status, frame } = await inScope(signal, (scope) =>
      unary(() => ROOMS_REQUEST, MAX_ROOMS_REPLY_BYTES, scope),
    );
    if (status !== STATUS.ok) throw grpcStatusError(status);
    const rooms = readRooms(unframe(frame));
    last = isSame(rooms, last) ? last : rooms;
    return last;
  };
};

/** A stock goim v2 comet, `goim.comet.Comet`, at one `grpc://` or `grpcs://` address. */
export const openGrpcComet = (
  address: string,
  { guardsOff = [], ...options }: GrpcCometOptions,
): CometClient => {
  const calls = openGrpcCalls(new URL(address), options);
  const deps = { calls, pace: openPace(ROOM_PACE, guardsOff) };
  const plan = createPlan(guardsOff);
  return {
    deliver: async (ops, signal) => {
      const outcomes: Outcome[] = ops.map(() => undelivered('DELIVERY_SKIPPED'));
      await inScope(signal, (scope) => {
        const send = createSend(deps, scope);
        return sendInOrder(plan(ops), async ({ indexes }) => {
          const sent = await send(indexes.map((index) => ops[index]) as [Op, ...Op[]]);
          for (const [place, index] of indexes.entries()) outcomes[index] = sent[place] as Outcome;
          return sent.every(({ status }) => status !== 'undelivered');
        });
      });
      return outcomes;
    },
    rooms: openRooms(calls),
    close: calls.close,
  };
};
