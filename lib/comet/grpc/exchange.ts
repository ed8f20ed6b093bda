import { startDeadline } from '../../deadline.ts';
import { CODE } from '../../h2/code.ts';
import type { Headers } from '../../h2/headers.ts';
import type { Body, Call } from '../../h2/stream.ts';
import type { Attempt, Exchanged } from '../calls/unary.ts';
import { type CometError, callError, connectionLost, malformedReply, timeout, tooLarge } from '../error.ts';
import type { Connection } from './connection.ts';
import { resetError } from './error.ts';
import { FRAME_BYTES, type GrpcRequest } from './message.ts';
import { type GrpcReply, readReply } from './reply.ts';
import type { FieldsByMethod } from './target.ts';

const HTTP_OK = 200;

const lost = (error: CometError): Exchanged<GrpcReply> => ({ kind: 'lost', error });
const failed = (error: CometError): Exchanged<GrpcReply> => ({ kind: 'failed', error });

/** Its status came, or it never will: an HTTP error has none. */
const isWhole = ({ status, fields }: Headers, trailers: Headers | undefined): boolean =>
  (trailers?.fields ?? fields).has('grpc-status') || status !== HTTP_OK;

const cutOff = ({ ending, h2Code, error }: Call): Exchanged<GrpcReply> => {
  switch (ending) {
    case 'answered':
      return failed(malformedReply('it has no grpc-status'));
    case 'reset':
      return failed(h2Code === CODE.noError ? malformedReply('it has no grpc-status') : resetError(h2Code));
    case 'refused':
      return lost(h2Code === CODE.refusedStream ? resetError(h2Code) : connectionLost(error));
    case 'lost':
      return lost(connectionLost(error));
    case 'too-large':
      return failed(tooLarge());
    case 'unwritten':
      return failed(callError(error));
  }
};

/** What a call that is over came to. A whole answer counts, whatever came after. */
const conclude = (call: Call): Exchanged<GrpcReply> => {
  const { ending, head, trailers, body } = call;
  if (ending === 'too-large' || head === undefined || !isWhole(head, trailers)) return cutOff(call);
  try {
    return { kind: 'answered', reply: readReply(head, trailers, body) };
  } catch (malformed) {
    return failed(malformed as CometError);
  }
};

const bodyOf = (frame: Buffer): Body => ({
  bytes: frame.length,
  write: (into, at) => {
    frame.copy(into, at);
  },
});

/** One call on one connection, within its time. Never rejects. */
export const createExchange =
  (fieldsByMethod: FieldsByMethod) =>
  (connection: Connection, attempt: Attempt<GrpcRequest>): Promise<Exchanged<GrpcReply>> =>
    new Promise((resolve) => {
      const { request, timeoutMs, maxReplyBytes, scope } = attempt;
      const begunAt = Date.now();
      const settle = (exchanged: Exchanged<GrpcReply>): void => {
        cancelDeadline();
        scope.remove(running);
        connection.end();
        resolve(exchanged);
      };
      const giveUp = (): void => {
        connection.http2.cancel(call);
        // A peer that said nothing in all that time may be gone: the next call gets another connection.
        if (connection.heardAt() <= begunAt) connection.retire();
        settle(failed(timeout()));
      };
      const cancelDeadline = startDeadline(timeoutMs, giveUp);
      const running = { abort: giveUp, place: 0 };
      scope.add(running);
      connection.begin();
      const call = connection.http2.request({
        fields: fieldsByMethod[request.method],
        body: bodyOf(request.frame),
        maxBodyBytes: maxReplyBytes + FRAME_BYTES,
        onEnd: (ended) => settle(conclude(ended)),
      });
    });
