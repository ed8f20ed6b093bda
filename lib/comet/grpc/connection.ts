import { GRPC_IDLE_MS } from '../../domain/limits.ts';
import type { Connection as Http2Connection } from '../../h2/connection.ts';
import { type Authority, openConnection as openHttp2 } from '../../h2/open.ts';
import { createProof, createRest } from '../calls/liveness.ts';
import type { CallConnection } from '../calls/unary.ts';

export interface ConnectionOptions {
  readonly authority: Authority;
  /** A peer that says nothing for so long after a rest is taken for dead. */
  readonly proofMs: number;
}

/** One HTTP/2 connection. It sends no pings: stock comets close connections that ping within 5 minutes. */
export interface Connection extends CallConnection {
  readonly http2: Http2Connection;
  /** When the peer last answered, `Date.now()`. */
  heardAt(): number;
  /** Around each call. */
  begin(): void;
  end(): void;
}

const open = ({ authority, proofMs }: ConnectionOptions) => {
  let established = false;
  const { connection, socket } = openHttp2(authority, {
    onConnect: () => {
      established = true;
      proof.heard();
    },
    onHeard: () => proof.heard(),
  });
  const closable = {
    destroy: () => connection.close(),
    ref: () => socket.ref(),
    unref: () => socket.unref(),
    on: (event: 'close', listener: () => void) => socket.on(event, listener),
  };
  const proof = createProof(closable, proofMs);
  const rest = createRest(closable, GRPC_IDLE_MS);
  return { http2: connection, proof, rest, isEstablished: () => established };
};

/** Counts its calls, and closes what has rested or was retired. */
export const openConnection = (options: ConnectionOptions): Connection => {
  const { http2, proof, rest, isEstablished } = open(options);
  let calls = 0;
  let retired = false;
  return {
    http2,
    isEstablished,
    heardAt: proof.heardAt,
    isUsable: () => !retired && http2.isUsable() && (calls > 0 || !rest.isOver()),
    begin: () => {
      calls += 1;
      if (calls > 1) return;
      rest.end();
      if (isEstablished()) proof.demand();
    },
    end: () => {
      calls -= 1;
      if (calls > 0) return;
      proof.disarm();
      if (retired) http2.close();
      if (!http2.isClosed()) rest.begin();
    },
    retire: () => {
      retired = true;
      if (calls === 0) http2.close();
    },
    destroy: () => http2.close(),
  };
};
