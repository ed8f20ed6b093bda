import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { decodePackets, HEADER_BYTES, OPERATION, type Packet } from '../../../lib/domain/packet.ts';
import { listenOn, shut } from '../../listening.ts';
import { type Traps, withJsonRule, withQueue } from '../traps.ts';
import type { Connection, Connections } from './connections.ts';
import { authenticate, type ConnectionWire, operate, replyTo } from './protocol.ts';

/** goim's limit on what a client sends. */
const MAX_CLIENT_BODY_BYTES = 4096;

/** WebSocket close codes, RFC 6455 section 7.4.1. */
const PROTOCOL_ERROR = 1002;
const POLICY = 1008;

export interface ClientServerOptions {
  readonly connections: Connections;
  readonly host: string;
  readonly port: number;
  /** A connection that has sent no heartbeat for so long is closed; it runs from the connection on, so auth is bounded too. */
  readonly heartbeatTimeoutMs: number;
  /** What waits for a client that does not read; a push beyond it is dropped. */
  readonly maxBufferedBytes: number;
  /** Of each connection, for what is pushed. */
  readonly traps?: Traps | undefined;
}

/** Where clients connect, `/sub` as in goim. */
export interface ClientServer {
  readonly port: number;
  close(): Promise<void>;
}

const wireOf = (socket: WebSocket, maxBufferedBytes: number): ConnectionWire => ({
  send: (packet) => {
    if (socket.bufferedAmount > maxBufferedBytes) return false;
    socket.send(packet);
    return true;
  },
  close: (reason) => socket.close(POLICY, reason),
});

const onePacket = (frame: Buffer): Packet | undefined => {
  const decoded = decodePackets(frame);
  return decoded.kind === 'packets' && decoded.packets.length === 1 ? decoded.packets[0] : undefined;
};

const serveClient = (socket: WebSocket, options: ClientServerOptions): void => {
  const { connections, heartbeatTimeoutMs } = options;
  const { queue, jsonOnly } = options.traps ?? {};
  const wire = withQueue(withJsonRule(wireOf(socket, options.maxBufferedBytes), jsonOnly), queue);
  const silence = setTimeout(() => wire.close('no heartbeat'), heartbeatTimeoutMs);
  let connection: Connection | undefined;

  const join = (packet: Packet) => {
    if (packet.operation !== OPERATION.auth) return;
    connection = authenticate(packet.body, wire);
    if (connection === undefined) return wire.close('the auth body is malformed');
    socket.send(replyTo(packet, OPERATION.authReply, Buffer.alloc(0)));
    connections.add(connection);
  };
  const receive = (packet: Packet) => {
    if (connection === undefined) return join(packet);
    if (packet.operation === OPERATION.heartbeat) silence.refresh();
    const reply = operate(packet, connection, connections);
    if (reply !== undefined) socket.send(reply);
  };

  socket.on('message', (frame) => {
    // Frames still arrive after a close from this side; one of them would bring a removed connection back.
    if (socket.readyState !== WebSocket.OPEN) return;
    const packet = onePacket(frame as Buffer);
    if (packet === undefined) socket.close(PROTOCOL_ERROR, 'not one packet');
    else receive(packet);
  });
  socket.on('close', () => {
    clearTimeout(silence);
    if (connection !== undefined) connections.remove(connection);
  });
  // ws closes the socket itself, with the code that belongs to the error.
  socket.on('error', () => {});
};

export const startClientServer = async (options: ClientServerOptions): Promise<ClientServer> => {
  const sockets = new WebSocketServer({
    noServer: true,
    path: '/sub',
    maxPayload: HEADER_BYTES + MAX_CLIENT_BODY_BYTES,
  });
  const server = createServer((_, response) => response.writeHead(426).end());
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) => serveClient(client, options)),
  );
  return {
    port: await listenOn(server, options.host, options.port),
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await shut(server);
    },
  };
};
