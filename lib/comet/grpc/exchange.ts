import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Scope } from '../calls/scope.ts';
import type { CometError } from '../error.ts';
import { connectionLost, malformedReply, timeout, tooLarge } from '../error.ts';
import type { Connection } from './connection.ts';
import { resetError } from './error.ts';
import { FRAME_BYTES } from './message.ts';
import { type GrpcReply, type ResponseHeaders, readReply } from './reply.ts';

export interface ExchangeOptions {
  readonly headers: OutgoingHttpHeaders;
  readonly frame: Buffer;
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  readonly scope: Scope;
}

const HTTP_OK = constants.HTTP_STATUS_OK;

/** A lost answer may be asked for again: the connection is gone, or the comet refused to look at the call. */
export type Exchanged =
  | { readonly kind: 'answered'; readonly reply: GrpcReply }
  | { readonly kind: 'lost'; readonly error: CometError }
  | { readonly kind: 'failed'; readonly error: CometError };

/** What of an answer has come. */
interface Received {
  headers: ResponseHeaders | undefined;
  trailers: IncomingHttpHeaders | undefined;
  readonly chunks: Buffer[];
  bytes: number;
  error: Error | undefined;
}

const frameOf = ({ chunks }: Received): Buffer =>
  chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);

/** Its status came, or it never will: an HTTP error has none. */
const isWhole = (headers: ResponseHeaders, trailers: IncomingHttpHeaders | undefined): boolean =>
  (trailers ?? headers)['grpc-status'] !== undefined || headers[':status'] !== HTTP_OK;

/** Any but the comet's word on this stream alone: the connection takes no more calls, or is gone. */
const isOfConnection = (error: NodeJS.ErrnoException | undefined): boolean =>
  error !== undefined && error.code !== 'ERR_HTTP2_STREAM_ERROR';

const cutOff = (
  error: Error | undefined,
  { rstCode }: ClientHttp2Stream,
  connection: Connection,
): Exchanged => {
  if (connection.isLost() || isOfConnection(error)) return { kind: 'lost', error: connectionLost(error) };
  const refused = rstCode === constants.NGHTTP2_REFUSED_STREAM;
  if (rstCode !== constants.NGHTTP2_NO_ERROR)
    return { kind: refused ? 'lost' : 'failed', error: resetError(rstCode) };
  return { kind: 'failed', error: malformedReply('it has no grpc-status') };
};

/** What a stream that is over came to. A whole answer counts, whatever came after. */
const conclude = (received: Received, stream: ClientHttp2Stream, connection: Connection): Exchanged => {
  const { headers, trailers, error } = received;
  if (headers === undefined || !isWhole(headers, trailers)) return cutOff(error, stream, connection);
  try {
    return { kind: 'answered', reply: readReply(headers, trailers, frameOf(received)) };
  } catch (malformed) {
    return { kind: 'failed', error: malformed as CometError };
  }
};

const collect = (
  stream: ClientHttp2Stream,
  maxReplyBytes: number,
  on: { heard(): void; tooLarge(): void },
): Received => {
  const received: Received = {
    headers: undefined,
    trailers: undefined,
    chunks: [],
    bytes: 0,
    error: undefined,
  };
  stream.on('response', (headers) => {
    received.headers = headers;
    on.heard();
  });
  stream.on('data', (chunk: Buffer) => {
    received.bytes += chunk.length;
    if (received.bytes > maxReplyBytes + FRAME_BYTES) return on.tooLarge();
    received.chunks.push(chunk);
  });
  stream.on('trailers', (trailers) => {
    received.trailers = trailers;
  });
  stream.on('error', (error) => {
    received.error = error;
  });
  return received;
};

/** One call on one connection, within its time. Never rejects. */
export const exchange = (connection: Connection, options: ExchangeOptions): Promise<Exchanged> =>
  new Promise((resolve) => {
    const { headers, frame, timeoutMs, maxReplyBytes, scope } = options;
    const begunAt = Date.now();
    let stream: ClientHttp2Stream;
    try {
      stream = connection.session.request(headers);
    } catch (error) {
      resolve({ kind: 'lost', error: connectionLost(error) });
      return;
    }
    connection.begin();
    const settle = (exchanged: Exchanged): void => {
      clearTimeout(timer);
      scope.offAbort(giveUp);
      resolve(exchanged);
    };
    const giveUp = (): void => {
      settle({ kind: 'failed', error: timeout() });
      // A peer that said nothing in all that time may be gone: the next call gets another connection.
      if (connection.heardAt() <= begunAt) connection.retire();
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const received = collect(stream, maxReplyBytes, {
      heard: connection.heard,
      tooLarge: () => {
        settle({ kind: 'failed', error: tooLarge() });
        stream.close(constants.NGHTTP2_CANCEL);
      },
    });
    const timer = setTimeout(giveUp, timeoutMs);
    scope.onAbort(giveUp);
    stream.on('close', () => {
      connection.end();
      settle(conclude(received, stream, connection));
    });
    stream.end(frame);
  });
