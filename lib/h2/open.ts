import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { Connection, type ConnectionOptions } from './connection.ts';
import { BUFFER_BYTES } from './limits.ts';

export interface Authority {
  /** A name or an address; one of IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS with the system's authorities, or with what is named here. */
  readonly tls?: SecureContextOptions;
}

export interface OpenOptions extends ConnectionOptions {
  /** The peer can be reached, and with TLS it is who it should be and speaks HTTP/2. */
  readonly onConnect?: () => void;
}

export interface Opened {
  readonly connection: Connection;
  /** For its events, and whether it keeps the process from ending; who ends it closes the connection. */
  readonly socket: Pick<Socket, 'on' | 'ref' | 'unref'>;
}

const ALPN = 'h2';

const openTls = ({ host, port, tls }: Authority, onread: OnReadOpts, onConnect: () => void): Socket => {
  // An address has no name to ask for (RFC 6066, 3).
  const servername = isIP(host) === 0 ? host : '';
  // `onread` is missing in the types.
  const options = { ...tls, host, port, servername, ALPNProtocols: [ALPN], onread };
  const socket: TLSSocket = connectTls(options);
  return socket.once('secureConnect', () => {
    if (socket.alpnProtocol === ALPN) onConnect();
    else socket.destroy(Object.assign(new Error('The peer speaks no HTTP/2'), { code: 'H2_ALPN' }));
  });
};

/** Opens a connection; calls may be made at once. If it fails they end with its error. */
export const openConnection = (authority: Authority, options: OpenOptions = {}): Opened => {
  const { onConnect = () => {} } = options;
  const onread: OnReadOpts = {
    // One for all reads: nothing of it is kept.
    buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    callback: (length, bytes) => {
      connection.receive(bytes as Buffer, length);
      return true;
    },
  };
  const { host, port, tls } = authority;
  const socket =
    tls === undefined
      ? connectTcp({ host, port, noDelay: true, onread }).once('connect', onConnect)
      : openTls(authority, onread, onConnect).setNoDelay();
  const connection = new Connection(socket, options);
  let failure: unknown;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    connection.close(failure);
  });
  return { connection, socket };
};
