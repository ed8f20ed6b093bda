import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type {
  ConnectionInjector,
  ServerUnaryCall,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { listenOn } from '../../listening.ts';
import type { Faults } from '../faults.ts';
import { replyWith } from './fault.ts';
import { CallError, CODE, type CometService } from './service.ts';

export interface GrpcServerOptions {
  readonly service: CometService;
  readonly faults: Faults;
  readonly host: string;
  /** 0: any free one, and the same after a `stop`. */
  readonly port: number;
}

/** `goim.comet.Comet`, stock goim v2's; without TLS. */
export interface GrpcServer {
  port(): number;
  start(): Promise<void>;
  /** Refuses connections and drops the open ones. */
  stop(): Promise<void>;
}

const same = (bytes: Buffer): Buffer => bytes;

/** Applies one call, or does what the fault of the moment says; at once, if there is none. */
const answer = (
  { service, faults }: GrpcServerOptions,
  method: string,
  message: Buffer,
  socket: Socket | undefined,
): Buffer | Promise<Buffer | undefined> => {
  const apply = (): Buffer => service[method]?.(message) ?? Buffer.alloc(0);
  const fault = faults.take(`/goim.comet.Comet/${method}`);
  return fault === undefined ? apply() : replyWith(fault, { socket, apply }, faults);
};

const serve =
  (options: GrpcServerOptions, method: string, socketOf: (peer: string) => Socket | undefined) =>
  (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void => {
    const send = (message: Buffer | undefined): void => {
      if (message !== undefined) reply(null, message);
    };
    const fail = (error: unknown): void => {
      const { code, message } = error instanceof CallError ? error : new CallError(CODE.unknown, 'malformed');
      reply({ code, details: message });
    };
    try {
      const message = answer(options, method, call.request, socketOf(call.getPeer()));
      if (message instanceof Promise) message.then(send).catch(fail);
      else send(message);
    } catch (error) {
      fail(error);
    }
  };

/** grpc-js on sockets of our own, which faults can reset. It is loaded here and nowhere else. */
const createInjector = async (
  options: GrpcServerOptions,
  socketOf: (peer: string) => Socket | undefined,
): Promise<ConnectionInjector> => {
  const grpc = await import('@grpc/grpc-js');
  const server = new grpc.Server();
  const methods = Object.keys(options.service);
  const definition = (method: string) => ({
    path: `/goim.comet.Comet/${method}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  });
  const handlers: UntypedServiceImplementation = Object.fromEntries(
    methods.map((method) => [method, serve(options, method, socketOf)]),
  );
  server.addService(Object.fromEntries(methods.map((method) => [method, definition(method)])), handlers);
  return server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
};

/** Listens from the first `start` on. */
export const createGrpcServer = async (options: GrpcServerOptions): Promise<GrpcServer> => {
  const socketByPeer = new Map<string, Socket>();
  const injector = await createInjector(options, (peer) => socketByPeer.get(peer));
  let { port } = options;
  let server: Server | undefined;
  const take = (socket: Socket): void => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socketByPeer.set(peer, socket);
    socket.on('close', () => socketByPeer.delete(peer));
    socket.on('error', () => {});
    injector.injectConnection(socket);
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
      for (const socket of socketByPeer.values()) socket.destroy();
      await closed;
    },
  };
};
