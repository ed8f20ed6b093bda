import type { OutgoingHttpHeaders } from 'node:http2';
import { MAX_COMET_CALLS } from '../../domain/limits.ts';
import type { Scope } from '../calls/scope.ts';
import { createSlots } from '../calls/slots.ts';
import { callError, cometFailure, connectionLost, timeout } from '../error.ts';
import { type Connection, openConnection } from './connection.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { GrpcRequest, Method } from './message.ts';
import type { GrpcReply } from './reply.ts';

export interface GrpcOptions {
  /** One call's deadline, its second attempt included, ms. */
  readonly callMs: number;
}

/** Unary calls of `goim.comet.Comet`, a bounded number at once. */
export interface GrpcCalls {
  /** The answer, whatever its status; the request is made when its turn comes. Rejects with a `CometError`. */
  unary(makeRequest: () => GrpcRequest, maxReplyBytes: number, scope: Scope): Promise<GrpcReply>;
  close(): void;
}

const METHODS: readonly Method[] = ['PushMsg', 'BroadcastRoom', 'Broadcast', 'Rooms'];
const HTTP_SCHEME: Readonly<Record<string, string>> = { 'grpc:': 'http', 'grpcs:': 'https' };

const headersOf = (address: URL, callMs: number): Record<Method, OutgoingHttpHeaders> => {
  const common = {
    ':method': 'POST',
    ':scheme': HTTP_SCHEME[address.protocol],
    ':authority': address.host,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${callMs}m`,
    'user-agent': 'goim-job',
  };
  const entries = METHODS.map((method) => [method, { ...common, ':path': `/goim.comet.Comet/${method}` }]);
  return Object.fromEntries(entries) as Record<Method, OutgoingHttpHeaders>;
};

/** One connection at a time; a new one once the old one is closed, has rested or was sent away by the comet. */
const createConnector = (authority: string, proofMs: number) => {
  let current: Connection | undefined;
  let closed = false;
  return {
    get: (): Connection | undefined => {
      if (closed) return undefined;
      if (current?.isUsable() !== true) {
        current?.retire();
        current = openConnection({ authority, proofMs });
      }
      return current;
    },
    close: (): void => {
      closed = true;
      current?.destroy();
    },
  };
};

interface Call {
  readonly request: GrpcRequest;
  readonly maxReplyBytes: number;
  readonly scope: Scope;
  /** `Date.now()` at its end, for both attempts. */
  readonly deadline: number;
}

/** The connection was lost under the call though it once stood: the comet may get the call twice. */
const mayRepeat = ({ kind }: Exchanged, connection: Connection, { deadline, scope }: Call): boolean =>
  kind === 'lost' && connection.isEstablished() && deadline > Date.now() && scope.stopped === undefined;

export const openGrpcCalls = (address: URL, { callMs }: GrpcOptions): GrpcCalls => {
  const authority = `${HTTP_SCHEME[address.protocol]}://${address.host}`;
  const connector = createConnector(authority, Math.ceil(callMs / 3));
  const headers = headersOf(address, callMs);
  const slots = createSlots(MAX_COMET_CALLS);

  /** One attempt; undefined if there may be another. */
  const attempt = async (call: Call, last: boolean): Promise<GrpcReply | undefined> => {
    const connection = connector.get();
    if (connection === undefined) throw connectionLost(undefined);
    const { request, deadline, maxReplyBytes, scope } = call;
    const exchanged = await exchange(connection, {
      headers: headers[request.method],
      frame: request.frame,
      timeoutMs: deadline - Date.now(),
      maxReplyBytes,
      scope,
    });
    if (exchanged.kind === 'answered') return exchanged.reply;
    if (!last && mayRepeat(exchanged, connection, call)) return undefined;
    throw exchanged.error;
  };

  return {
    unary: async (makeRequest, maxReplyBytes, scope) => {
      const turn = slots.take(scope);
      if (turn !== undefined && !(await turn)) throw timeout();
      try {
        if (scope.stopped !== undefined) throw cometFailure(scope.stopped, 'The delivery has stopped');
        const call = { request: makeRequest(), maxReplyBytes, scope, deadline: Date.now() + callMs };
        return (await attempt(call, false)) ?? ((await attempt(call, true)) as GrpcReply);
      } catch (error) {
        // Before the place is given on.
        scope.failed(callError(error).code);
        throw error;
      } finally {
        slots.give();
      }
    },
    close: connector.close,
  };
};
