import { type ClientHttp2Session, connect } from 'node:http2';
import { GRPC_IDLE_MS } from '../../domain/limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** What a comet may send ahead: a room list of 16 MiB takes 16 round trips, not 256. */
const WINDOW_BYTES = MIB;
/** Node's own bound is 10 MB a connection, less than one room list. */
const MAX_SESSION_MB = 100;
/** After a longer rest the peer may be gone without a word, as a thawed sandbox finds it. */
const PROVEN_FOR_MS = 1_000;

export interface ConnectionOptions {
  /** Like `http://127.0.0.1:3109`. */
  readonly authority: string;
  /** A peer that says nothing for so long after a rest is taken for dead. */
  readonly proofMs: number;
}

/** One HTTP/2 connection. It sends no pings: stock comets close connections that ping within 5 minutes. */
export interface Connection {
  readonly session: ClientHttp2Session;
  /** Whether it could be opened at all, be it lost now. */
  isEstablished(): boolean;
  isLost(): boolean;
  /** When the peer last said something, `Date.now()`. */
  heardAt(): number;
  /** Whether a new call may take it. */
  isUsable(): boolean;
  /** Around each call. */
  begin(): void;
  end(): void;
  /** The peer answers. */
  heard(): void;
  /** No more calls; those that run may end. */
  retire(): void;
  /** Ends all calls with it. */
  destroy(): void;
}

const openSession = (authority: string): ClientHttp2Session => {
  const session = connect(authority, {
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: MAX_SESSION_MB,
  });
  session.on('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
  // Each call hears of it by itself.
  session.on('error', () => {});
  return session;
};

/** Whether the peer lives; only its answers say so. */
const createProof = (session: ClientHttp2Session, proofMs: number) => {
  let heardAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const disarm = (): void => clearTimeout(timer);
  session.on('close', disarm);
  return {
    heardAt: () => heardAt,
    heard: (): void => {
      heardAt = Date.now();
      disarm();
    },
    demand: (): void => {
      disarm();
      if (Date.now() - heardAt > PROVEN_FOR_MS) timer = setTimeout(() => session.destroy(), proofMs);
    },
    disarm,
  };
};

/** Closes a session that rested too long; by the wall clock, which goes on in a frozen sandbox. */
const createRest = (session: ClientHttp2Session) => {
  let restedAt = Date.now();
  let resting = true;
  const close = (): void => {
    if (resting) session.destroy();
  };
  const timer = setTimeout(close, GRPC_IDLE_MS).unref();
  session.on('close', () => clearTimeout(timer));
  return {
    isOver: () => Date.now() - restedAt >= GRPC_IDLE_MS,
    begin: (): void => {
      resting = true;
      restedAt = Date.now();
      timer.refresh();
      session.unref();
    },
    end: (): void => {
      resting = false;
      session.ref();
    },
  };
};

/** Counts its calls, and closes what has rested or was retired. */
export const openConnection = ({ authority, proofMs }: ConnectionOptions): Connection => {
  const session = openSession(authority);
  const proof = createProof(session, proofMs);
  const rest = createRest(session);
  let calls = 0;
  let established = false;
  let retired = false;
  session.on('connect', () => {
    established = true;
    proof.heard();
  });
  const begin = (): void => {
    calls += 1;
    if (calls > 1) return;
    rest.end();
    if (established) proof.demand();
  };
  const end = (): void => {
    calls -= 1;
    if (calls > 0) return;
    proof.disarm();
    if (retired) session.destroy();
    if (!session.destroyed) rest.begin();
  };
  return {
    session,
    isEstablished: () => established,
    isLost: () => session.destroyed,
    heardAt: proof.heardAt,
    isUsable: () => !retired && !session.closed && !session.destroyed && (calls > 0 || !rest.isOver()),
    begin,
    end,
    heard: proof.heard,
    retire: () => {
      retired = true;
      if (calls === 0) session.destroy();
    },
    destroy: () => session.destroy(),
  };
};
