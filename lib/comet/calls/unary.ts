import { MAX_COMET_CALLS } from '../../domain/limits.ts';
import { type CometError, callError, connectionLost, timeout } from '../error.ts';
import type { Scope } from './scope.ts';
import { createSlots } from './slots.ts';

/** As much as a call must know of its connection. */
export interface CallConnection {
  /** Whether it could be opened at all, be it lost now. */
  isEstablished(): boolean;
  /** Whether a new call may take it. */
  isUsable(): boolean;
  /** No more calls; those that run may end. */
  retire(): void;
  /** Ends all calls with it. */
  destroy(): void;
}

/** A lost answer may be asked for again: the connection is gone under the call. */
export type Exchanged<Reply> =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'lost'; readonly error: CometError }
  | { readonly kind: 'failed'; readonly error: CometError };

/** One attempt of a call. */
export interface Attempt<Request> {
  readonly request: Request;
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  readonly scope: Scope;
}

export interface Wire<Connection extends CallConnection, Request, Reply> {
  open(): Connection;
  /** Never rejects. */
  exchange(connection: Connection, attempt: Attempt<Request>): Promise<Exchanged<Reply>>;
  /** One call's deadline, its second attempt included, ms. */
  readonly callMs: number;
}

/** Calls of one address, a bounded number at once. */
export interface Calls<Request, Reply> {
  /** The answer, whatever it says; the request is made when its turn comes. Rejects with a `CometError`. */
  unary(makeRequest: () => Request, maxReplyBytes: number, scope: Scope): Promise<Reply>;
  close(): void;
}

/** One connection at a time; a new one once the old one is closed, has rested or was sent away by the comet. */
const createConnector = <Connection extends CallConnection>(open: () => Connection) => {
  let current: Connection | undefined;
  let closed = false;
  return {
    get: (): Connection | undefined => {
      if (closed) return undefined;
      if (current?.isUsable() !== true) {
        current?.retire();
        current = open();
      }
      return current;
    },
    close: (): void => {
      closed = true;
      current?.destroy();
    },
  };
};

export const openCalls = <Connection extends CallConnection, Request, Reply>(
  wire: Wire<Connection, Request, Reply>,
): Calls<Request, Reply> => {
  const connector = createConnector(wire.open);
  const slots = createSlots(MAX_COMET_CALLS);

  /** Twice at most: a connection that once stood and was lost under the call is replaced, and the comet may get the call twice. */
  const exchangeTwice = async (
    call: Omit<Attempt<Request>, 'timeoutMs'>,
    deadline: number,
    attemptsLeft = 2,
  ): Promise<Reply> => {
    const connection = connector.get();
    if (connection === undefined) throw connectionLost(undefined);
    const exchanged = await wire.exchange(connection, { ...call, timeoutMs: deadline - Date.now() });
    if (exchanged.kind === 'answered') return exchanged.reply;
    const mayRepeat = exchanged.kind === 'lost' && connection.isEstablished() && attemptsLeft > 1;
    const isInTime = deadline > Date.now() && call.scope.stopped === undefined;
    if (!mayRepeat || !isInTime) throw exchanged.error;
    return await exchangeTwice(call, deadline, attemptsLeft - 1);
  };

  return {
    unary: async (makeRequest, maxReplyBytes, scope) => {
      const turn = slots.take(scope);
      if (turn !== undefined && !(await turn)) throw timeout();
      try {
        if (scope.stopped !== undefined) throw scope.stopped;
        const call = { request: makeRequest(), maxReplyBytes, scope };
        return await exchangeTwice(call, Date.now() + wire.callMs);
      } catch (error) {
        // Before the place is given on.
        scope.failed(callError(error));
        throw error;
      } finally {
        slots.give();
      }
    },
    close: connector.close,
  };
};
