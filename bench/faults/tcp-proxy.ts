import { connect, createServer, type Socket } from 'node:net';
import { listenOn } from '../../local/listening.ts';

const HOST = '127.0.0.1';

/** A way to a comet that can be cut. */
export interface TcpProxy {
  readonly port: number;
  /** Connections are refused, and those that stand are closed. */
  refuse(): Promise<void>;
  /** Connections are taken, and nothing that is sent over any of them arrives. Those of that time stay silent for ever. */
  swallow(): Promise<void>;
  /** Those that stand are reset; new ones are well. */
  reset(): Promise<void>;
  /** New connections are well. */
  mend(): Promise<void>;
}

export const startTcpProxy = async (to: number): Promise<TcpProxy> => {
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const silence = (socket: Socket): void => {
    socket.unpipe().resume();
  };
  const join = (incoming: Socket): void => {
    const outgoing = connect(to, HOST);
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  };
  const take = (incoming: Socket): void => {
    keep(incoming);
    if (isSwallowing) silence(incoming);
    else join(incoming);
  };
  const end = (how: (socket: Socket) => void): void => {
    for (const socket of [...sockets]) how(socket);
  };
  let server = createServer(take);
  const port = await listenOn(server, HOST, 0);
  return {
    port,
    refuse: async () => {
      server.close();
      end((socket) => socket.destroy());
    },
    swallow: async () => {
      isSwallowing = true;
      end(silence);
    },
    reset: async () => end((socket) => socket.resetAndDestroy()),
    mend: async () => {
      isSwallowing = false;
      if (server.listening) return;
      server = createServer(take);
      await listenOn(server, HOST, port);
    },
  };
};
