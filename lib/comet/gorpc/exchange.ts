import { startDeadline } from '../../deadline.ts';
import type { Attempt, Exchanged } from '../calls/unary.ts';
import { callError, timeout } from '../error.ts';
import type { Connection } from './connection.ts';
import type { GorpcRequest } from './message.ts';
import type { GorpcReply } from './reply.ts';

/** One call on one connection, within its time. Never rejects. */
export const exchange = (
  connection: Connection,
  { request, timeoutMs, maxReplyBytes, scope }: Attempt<GorpcRequest>,
): Promise<Exchanged<GorpcReply>> =>
  new Promise((resolve) => {
    const begunAt = Date.now();
    const settle = (exchanged: Exchanged<GorpcReply>): void => {
      cancelDeadline();
      scope.remove(running);
      resolve(exchanged);
    };
    const giveUp = (): void => {
      // A peer that said nothing in all that time may be gone: the next call gets another connection.
      if (connection.heardAt() <= begunAt) connection.retire();
      connection.abandon(seq);
      settle({ kind: 'failed', error: timeout() });
    };
    let seq: number;
    try {
      seq = connection.begin(request, { maxReplyBytes, settle });
    } catch (error) {
      resolve({ kind: 'failed', error: callError(error) });
      return;
    }
    const cancelDeadline = startDeadline(timeoutMs, giveUp);
    const running = { abort: giveUp, place: 0 };
    scope.add(running);
  });
