import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { REQUEST } from '../../../lib/comet/gorpc/message.ts';
import { createGobDecoder, type GobMessage } from '../../../lib/gob/decoder.ts';
import { createGobEncoder } from '../../../lib/gob/encoder.ts';
import { struct } from '../../../lib/gob/type.ts';
import { listenOn } from '../../listening.ts';
import type { Faults } from '../faults.ts';
import { replyWith } from './fault.ts';
import { argReader, RESPONSE, type V1Reply } from './messages.ts';
import { CallError, type PushService } from './service.ts';

export interface GorpcServerOptions {
  readonly service: PushService;
  readonly faults: Faults;
  readonly host: string;
  /** 0: any free one, and the same after a `stop`. */
  readonly port: number;
  /** Calls that came together are applied in any order, as by Go's goroutines. */
  readonly parallel: boolean;
}

/** goim v1's `PushRPC` over Go's `net/rpc`. */
export interface GorpcServer {
  port(): number;
  start(): Promise<void>;
  /** Refuses connections and drops the open ones. */
  stop(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** What stands where an error has no reply. */
const INVALID: V1Reply = { type: struct('', {}), value: {} };

interface Call {
  readonly name: string;
  readonly seq: number;
  readonly arg: GobMessage;
}

/** The calls of one connection, as they come. Throws a RangeError for what is no gob. */
const createCallReader = (onCall: (call: Call) => void) => {
  const decoder = createGobDecoder();
  let head: { readonly ServiceMethod: string; readonly Seq: number } | undefined;
  const take = (message: GobMessage): void => {
    if (head === undefined) {
      head = message.read(REQUEST);
      return;
    }
    const { ServiceMethod: name, Seq: seq } = head;
    head = undefined;
    onCall({ name, seq, arg: message });
  };
  return (chunk: Buffer): void => {
    decoder.push(chunk);
    for (;;) {
      const message = decoder.take(MAX_MESSAGE_BYTES);
      if (message === 'incomplete') return;
      if (message === 'too-large') throw new RangeError('a call is too large');
      take(message);
    }
  };
};

const createReplyWriter = (socket: Socket) => {
  const encoder = createGobEncoder();
  return ({ name, seq }: Call, error: string, { type, value }: V1Reply, share = 1): void => {
    encoder.write(RESPONSE, { ServiceMethod: name, Seq: seq, Error: error });
    encoder.write(type, value);
    const bytes = encoder.take();
    if (socket.writable) socket.write(bytes.subarray(0, Math.ceil(bytes.length * share)));
  };
};

/** Applies one call. Throws a `CallError`. */
const apply = (service: PushService, { name, arg }: Call): V1Reply => {
  const [of, method = ''] = name.split('.');
  if (of !== 'PushRPC') throw new CallError(`rpc: can't find service ${name}`);
  const serve = Object.hasOwn(service, method) ? service[method] : undefined;
  if (serve === undefined) throw new CallError(`rpc: can't find method ${name}`);
  return serve(argReader(arg));
};

const serveSocket = (socket: Socket, { service, faults, parallel }: GorpcServerOptions): void => {
  const write = createReplyWriter(socket);
  const answer = async (call: Call): Promise<void> => {
    const fault = faults.take(call.name);
    const faulty = {
      socket,
      apply: () => apply(service, call),
      sendHalf: (reply: V1Reply) => write(call, '', reply, 0.5),
    };
    try {
      const reply = fault === undefined ? faulty.apply() : await replyWith(fault, faulty, faults);
      if (reply !== undefined) write(call, '', reply);
    } catch (error) {
      write(call, error instanceof Error ? error.message : 'malformed', INVALID);
    }
  };
  const waiting: Call[] = [];
  const answerAll = (): void => {
    while (waiting.length > 0)
      for (const call of waiting.splice(Math.floor(Math.random() * waiting.length), 1)) void answer(call);
  };
  const read = createCallReader((call) => {
    if (!parallel) return void answer(call);
    if (waiting.push(call) === 1) setImmediate(answerAll);
  });
  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => {});
};

/** Listens from the first `start` on. */
export const createGorpcServer = (options: GorpcServerOptions): GorpcServer => {
  const sockets = new Set<Socket>();
  let { port } = options;
  let server: Server | undefined;
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveSocket(socket, options);
  };
  return {
    port: () => port,
    start: async () => {
      if (server !== undefined) return;
      const next = createServer({ noDelay: true }, take);
      port = await listenOn(next, options.host, port);
      server = next;
    },
    stop: async () => {
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      server = undefined;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
