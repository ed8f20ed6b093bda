import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { listenOn } from '../../../local/listening.ts';
import { EMPTY_REPLY } from '../grpc/http2-peer.ts';

/** A comet behind TLS that takes every op. */
export interface TlsServer {
  readonly url: string;
  close(): Promise<void>;
}

export type StartTlsServer = (options: TlsOptions) => Promise<TlsServer>;

const serve = async (server: Server, scheme: string): Promise<TlsServer> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  server.on('tlsClientError', () => {});
  const port = await listenOn(server, '127.0.0.1', 0);
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.once('close', resolve));
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

const startHttps: StartTlsServer = (options) => {
  const server = createServer(options, async (request, response) => {
    const { ops = [] } = request.method === 'POST' ? ((await json(request)) as { ops: unknown[] }) : {};
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(request.method === 'POST' ? { done: ops.length } : { rooms: [] }));
  });
  return serve(server, 'https');
};

const startGrpcs: StartTlsServer = (options) => {
  const server = createSecureServer(options);
  server.on('sessionError', () => {});
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(EMPTY_REPLY);
  });
  return serve(server, 'grpcs');
};

export const SERVERS: readonly [scheme: string, start: StartTlsServer][] = [
  ['https', startHttps],
  ['grpcs', startGrpcs],
];

/** In front of a comet's API: TLS ends here. */
export const startTlsProxy = (apiUrl: string, options: TlsOptions): Promise<TlsServer> => {
  const { hostname, port } = new URL(apiUrl);
  const server = createTlsServer(options, (socket) => {
    const inner = connect(Number(port), hostname);
    socket.on('error', () => inner.destroy()).pipe(inner);
    inner.on('error', () => socket.destroy()).pipe(socket);
  });
  return serve(server, 'https');
};

/** What answers in plain text, whatever it is asked. */
export const startPlain = (scheme: string): Promise<TlsServer> =>
  serve(
    createTcpServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    scheme,
  );
