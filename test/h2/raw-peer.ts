import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { readFrames, type Seen, settings, TYPE } from './frames.ts';

/** A server that says what it is told, byte by byte, be it HTTP/2 or not. */
export interface RawPeer {
  readonly port: number;
  /** What clients said. */
  readonly seen: readonly Seen[];
  readonly sockets: readonly Socket[];
  /** The first frame of this kind, which may be still to come. */
  waitFor(isIt: (seen: Seen) => boolean): Promise<Seen>;
  close(): Promise<void>;
}

export interface RawPeerOptions {
  /** Said at once; SETTINGS if nothing is given. */
  readonly first?: Buffer;
  /** For each HEADERS; `count` is how many came before on the connection. */
  readonly onRequest?: (stream: number, socket: Socket, count: number) => void;
  readonly onFrame?: (seen: Seen, socket: Socket) => void;
}

export const startRawPeer = async (options: RawPeerOptions): Promise<RawPeer> => {
  const { first = settings(), onRequest = () => {}, onFrame = () => {} } = options;
  const seen: Seen[] = [];
  const sockets: Socket[] = [];
  const waiting = new Set<() => void>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    let count = 0;
    const read = readFrames((one) => {
      seen.push(one);
      for (const look of waiting) look();
      onFrame(one, socket);
      if (one.type === TYPE.headers) onRequest(one.stream, socket, count++);
    });
    socket.on('error', () => {});
    socket.on('data', read);
    socket.write(first);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    sockets,
    waitFor: (isIt) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = seen.find(isIt);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
