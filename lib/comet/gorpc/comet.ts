import {
  GORPC_KEY_BURST_CALLS,
  GORPC_KEY_CALL_EVERY_MS,
  GORPC_ROOM_BURST_CALLS,
  GORPC_ROOM_CALL_EVERY_MS,
  MAX_ROOMS_REPLY_BYTES,
  ROOM_GAP_MS,
} from '../../domain/limits.ts';
import type { Op } from '../../domain/op.ts';
import { type Outcome, undelivered } from '../../domain/outcome.ts';
import { createPlan, type Guard, openPace } from '../calls/guards.ts';
import { sendInOrder } from '../calls/order.ts';
import { inScope } from '../calls/scope.ts';
import type { CometClient } from '../client.ts';
import type { Targets } from './answer.ts';
import { type Bundle, bundle, unbundled } from './bundle.ts';
import { type GorpcCalls, type GorpcOptions, openGorpcCalls } from './call.ts';
import { answeredError } from './error.ts';
import { type Message, ROOMS_REQUEST } from './message.ts';
import { readRoomIds } from './reply.ts';
import { roomList } from './room-list.ts';
import { createSend } from './send.ts';
import { type Bodies, settled } from './settled.ts';

export interface GorpcCometOptions extends GorpcOptions {
  readonly guardsOff?: readonly Guard[];
}

const ROOM_PACE = {
  gapMs: ROOM_GAP_MS,
  burstCalls: GORPC_ROOM_BURST_CALLS,
  callEveryMs: GORPC_ROOM_CALL_EVERY_MS,
};
/** A comet has a push in the connection's queue before it answers. */
const KEY_PACE = { gapMs: 0, burstCalls: GORPC_KEY_BURST_CALLS, callEveryMs: GORPC_KEY_CALL_EVERY_MS };

/** The list comes whole each time; unchanged, it is the same one as before. */
const openRooms = ({ unary }: GorpcCalls): CometClient['rooms'] => {
  let lastIds: Int32Array = new Int32Array();
  let last = roomList(lastIds);
  return async (signal) => {
    const { error, body } = await inScope(signal, (scope) =>
      unary(() => ROOMS_REQUEST, MAX_ROOMS_REPLY_BYTES, scope),
    );
    if (error !== '') throw answeredError();
    const ids = readRoomIds(body);
    if (Buffer.compare(bytesOf(ids), bytesOf(lastIds)) !== 0) last = roomList(ids);
    lastIds = ids;
    return last;
  };
};

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** The messages that the comet is to be asked to take; the outcomes of the others are noted. */
const readMessages = (ops: readonly Op[], bodies: Bodies, outcomes: Outcome[]): Message[] =>
  ops.flatMap((op, index) => {
    const body = Buffer.from(op.body, 'base64');
    const outcome = settled(op, body, bodies);
    if (outcome === undefined) return [{ op, body, index }];
    outcomes[index] = outcome;
    return [];
  });

const targetsOf = ({ calls }: Bundle, messages: readonly Message[]): Targets =>
  calls.map(({ indexes }) => indexes.map((index) => messages[index])) as unknown as Targets;

/** A stock goim v1 comet (v1.2 and later), `PushRPC` over Go's `net/rpc`, at one `gorpc://` address. */
export const openGorpcComet = (
  address: string,
  { callMs, guardsOff = [] }: GorpcCometOptions,
): CometClient => {
  const url = new URL(address);
  const bodies: Bodies = url.searchParams.get('bodies') === 'any' ? 'any' : 'json';
  const calls = openGorpcCalls(url, { callMs });
  const deps = { calls, roomPace: openPace(ROOM_PACE, guardsOff), keyPace: openPace(KEY_PACE, guardsOff) };
  const plan = createPlan(guardsOff);
  let takesBundles = true;
  const planBundles = (ops: readonly Op[]): Bundle[] =>
    takesBundles ? bundle(plan(ops), ops) : unbundled(plan(ops));
  return {
    deliver: async (ops, signal) => {
      const outcomes: Outcome[] = ops.map(() => undelivered('DELIVERY_SKIPPED'));
      const messages = readMessages(ops, bodies, outcomes);
      await inScope(signal, (scope) => {
        const send = createSend(deps, scope, () => {
          takesBundles = false;
        });
        return sendInOrder(planBundles(messages.map(({ op }) => op)), async (one) => {
          const targets = targetsOf(one, messages);
          const sent = await send(targets);
          for (const [place, { index }] of targets.flat().entries()) outcomes[index] = sent[place] as Outcome;
          return sent.every(({ status }) => status !== 'undelivered');
        });
      });
      return outcomes;
    },
    rooms: openRooms(calls),
    close: calls.close,
  };
};
