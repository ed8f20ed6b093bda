import { connect, type Socket } from 'node:net';
import { GORPC_IDLE_MS, MAX_REPLY_BYTES, MAX_ROOMS_REPLY_BYTES } from '../../domain/limits.ts';
import { createGobDecoder } from '../../gob/decoder.ts';
import { createGobEncoder } from '../../gob/encoder.ts';
import { createProof, createRest } from '../calls/liveness.ts';
import type { CallConnection, Exchanged } from '../calls/unary.ts';
import { type CometError, cometFailure, connectionLost, tooLarge } from '../error.ts';
import { type GorpcRequest, REQUEST } from './message.ts';
import { type GorpcReply, RESPONSE } from './reply.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** A peer that says nothing for so long after a rest is taken for dead. */
  readonly proofMs: number;
}

/** Who waits for an answer. */
export interface Waiting {
  readonly maxReplyBytes: number;
  settle(exchanged: Exchanged<GorpcReply>): void;
}

/** One connection of Go's `net/rpc`, with many calls in flight. */
export interface Connection extends CallConnection {
  /** When the peer last said something, `Date.now()`. */
  heardAt(): number;
  /** Answers the call's number. Throws if its argument cannot be written. */
  begin(request: GorpcRequest, waiting: Waiting): number;
  /** Its answer, if it still comes, is nobody's. */
  abandon(seq: number): void;
}

/** Writes at once what comes together in one turn of the event loop. */
const createWriter = (socket: Socket) => {
  const encoder = createGobEncoder();
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    socket.write(encoder.take());
  };
  return (seq: number, { method, type, arg }: GorpcRequest): void => {
    encoder.whole(() => {
      encoder.write(REQUEST, { ServiceMethod: `PushRPC.${method}`, Seq: seq });
      encoder.write(type, arg);
    });
    if (!isDue) process.nextTick(flush);
    isDue = true;
  };
};

interface Asked {
  /** Undefined: nobody waits for it any more. */
  of(seq: number): Waiting | undefined;
  settle(seq: number, exchanged: Exchanged<GorpcReply>): void;
}

/** Why nothing more can be read, though all that was read is well. */
const CUT_SHORT = Symbol('an answer was too large');

/** Hands each answer to the call that it names. Throws `CUT_SHORT`, a `CometError`, or a RangeError for what is no gob. */
const createReader = (asked: Asked) => {
  const decoder = createGobDecoder();
  let head: { readonly Seq: number; readonly Error: string } | undefined;

  const readHead = (): boolean => {
    const message = decoder.take(MAX_REPLY_BYTES);
    if (message === 'too-large') throw tooLarge();
    if (message === 'incomplete') return false;
    head = message.read(RESPONSE);
    return true;
  };
  const readBody = ({ Seq, Error: error }: NonNullable<typeof head>): boolean => {
    // Of an abandoned call nobody knows how much it may answer.
    const body = decoder.take(asked.of(Seq)?.maxReplyBytes ?? MAX_ROOMS_REPLY_BYTES);
    if (body === 'incomplete') return false;
    if (body === 'too-large') {
      asked.settle(Seq, { kind: 'failed', error: tooLarge() });
      throw CUT_SHORT;
    }
    head = undefined;
    asked.settle(Seq, { kind: 'answered', reply: { error, body } });
    return true;
  };
  return (chunk: Buffer): void => {
    decoder.push(chunk);
    while (head === undefined ? readHead() : readBody(head));
  };
};

const streamError = (error: unknown): CometError =>
  error instanceof RangeError
    ? cometFailure('COMET_REPLY_MALFORMED', "The comet's answer is no net/rpc", {}, error)
    : (error as CometError);

/** The calls in flight, and whether the connection is at rest. */
const createInFlight = (socket: Socket, proofMs: number) => {
  const proof = createProof(socket, proofMs);
  const rest = createRest(socket, GORPC_IDLE_MS);
  /** Oldest first; a few dozen at most, and the answers come about in order. No `Map`: see `lib/deadline.ts`. */
  const calls: { readonly seq: number; readonly waiting: Waiting }[] = [];
  const placeOf = (seq: number): number => calls.findIndex((call) => call.seq === seq);
  let established = false;
  let retired = false;
  socket.on('connect', () => {
    established = true;
    proof.heard();
  });
  const take = (seq: number): Waiting | undefined => {
    const place = placeOf(seq);
    if (place < 0) return undefined;
    const [call] = calls.splice(place, 1);
    if (calls.length === 0) {
      proof.disarm();
      if (retired) socket.destroy();
      if (!socket.destroyed) rest.begin();
    }
    return call?.waiting;
  };
  const settle = (seq: number, exchanged: Exchanged<GorpcReply>): void => take(seq)?.settle(exchanged);
  return {
    begin: (seq: number, waiting: Waiting): void => {
      calls.push({ seq, waiting });
      if (calls.length > 1) return;
      rest.end();
      if (established) proof.demand();
    },
    abandon: take,
    of: (seq: number) => calls[placeOf(seq)]?.waiting,
    settle,
    settleAll: (exchanged: Exchanged<GorpcReply>): void => {
      for (const { seq } of [...calls]) settle(seq, exchanged);
    },
    heard: proof.heard,
    heardAt: proof.heardAt,
    isEstablished: () => established,
    isUsable: () => !retired && socket.writable && (calls.length > 0 || !rest.isOver()),
    retire: (): void => {
      retired = true;
      if (calls.length === 0) socket.destroy();
    },
  };
};

export const openConnection = ({ host, port, proofMs }: ConnectionOptions): Connection => {
  const socket = connect({ host, port, noDelay: true });
  const inFlight = createInFlight(socket, proofMs);
  const write = createWriter(socket);
  const read = createReader(inFlight);
  let nextSeq = 0;
  let cause: unknown;
  socket.on('data', (chunk) => {
    inFlight.heard();
    try {
      read(chunk);
    } catch (error) {
      if (error !== CUT_SHORT) inFlight.settleAll({ kind: 'failed', error: streamError(error) });
      socket.destroy();
    }
  });
  socket.on('error', (error) => {
    cause = error;
  });
  socket.on('close', () => inFlight.settleAll({ kind: 'lost', error: connectionLost(cause) }));
  const { isEstablished, isUsable, heardAt, retire } = inFlight;
  return {
    isEstablished,
    isUsable,
    heardAt,
    begin: (request, waiting) => {
      const seq = nextSeq;
      write(seq, request);
      nextSeq += 1;
      inFlight.begin(seq, waiting);
      return seq;
    },
    abandon: inFlight.abandon,
    retire,
    destroy: () => socket.destroy(),
  };
};
