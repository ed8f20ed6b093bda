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
  const waitingBySeq = new Map<number, Waiting>();
  let established = false;
  let retired = false;
  socket.on('connect', () => {
    established = true;
    proof.heard();
  });
  const end = (seq: number): void => {
    waitingBySeq.delete(seq);
    if (waitingBySeq.size > 0) return;
    proof.disarm();
    if (retired) socket.destroy();
    if (!socket.destroyed) rest.begin();
  };
  const settle = (seq: number, exchanged: Exchanged<GorpcReply>): void => {
    const waiting = waitingBySeq.get(seq);
    if (waiting === undefined) return;
    end(seq);
    waiting.settle(exchanged);
  };
  return {
    begin: (seq: number, waiting: Waiting): void => {
      waitingBySeq.set(seq, waiting);
      if (waitingBySeq.size > 1) return;
      rest.end();
      if (established) proof.demand();
    },
    end,
    of: (seq: number) => waitingBySeq.get(seq),
    settle,
    settleAll: (exchanged: Exchanged<GorpcReply>): void => {
      for (const seq of [...waitingBySeq.keys()]) settle(seq, exchanged);
    },
    heard: proof.heard,
    heardAt: proof.heardAt,
    isEstablished: () => established,
    isUsable: () => !retired && socket.writable && (waitingBySeq.size > 0 || !rest.isOver()),
    retire: (): void => {
      retired = true;
      if (waitingBySeq.size === 0) socket.destroy();
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
    abandon: inFlight.end,
    retire,
    destroy: () => socket.destroy(),
  };
};
