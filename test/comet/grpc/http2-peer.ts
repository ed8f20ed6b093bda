import { once } from 'node:events';
import {
  createServer,
  type Http2ServerRequest,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { unframe } from '../../../lib/comet/grpc/reply.ts';

/** A call as it arrived. */
export interface PeerCall {
  readonly method: string;
  readonly headers: Http2ServerRequest['headers'];
  readonly message: Buffer;
  readonly stream: ServerHttp2Stream;
  readonly session: ServerHttp2Session;
}

/** An HTTP/2 server that answers each call as it is told, be it gRPC or not. */
export interface Http2Peer {
  readonly url: string;
  readonly calls: readonly PeerCall[];
  /** Every connection so far. */
  readonly sessions: readonly ServerHttp2Session[];
  close(): Promise<void>;
}

/** An empty message. */
export const EMPTY_REPLY = Buffer.alloc(5);

export const reply = (
  { stream }: PeerCall,
  bytes: Buffer = EMPTY_REPLY,
  trailers: Record<string, string> = { 'grpc-status': '0' },
  headers: Record<string, string | number> = { ':status': 200, 'content-type': 'application/grpc' },
): void => {
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(bytes);
};

/** An answer of headers alone. */
export const replyShort = ({ stream }: PeerCall, headers: Record<string, string | number>): void =>
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { endStream: true });

const messageOf = async (stream: ServerHttp2Stream): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return unframe(Buffer.concat(chunks));
};

export const startHttp2Peer = async (answer: (call: PeerCall) => void): Promise<Http2Peer> => {
  const calls: PeerCall[] = [];
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    messageOf(stream).then(
      (message) => {
        const method = `${headers[':path']}`.replace('/goim.comet.Comet/', '');
        const call = { method, headers, message, stream, session: stream.session as ServerHttp2Session };
        calls.push(call);
        answer(call);
      },
      () => {},
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `grpc://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    sessions,
    close: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
