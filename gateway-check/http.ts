import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: '/v1/ops' | '/v1/rooms';
  /** One that is undefined is left out. */
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
  readonly deadlineMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed, if it is compressed in a way that goim-job takes. */
  readonly text: string;
  /** It came over a connection that an earlier call had used. */
  readonly isReused: boolean;
}

/** An answer, or why there is none, in words. */
export type Came = Answer | string;

const DECOMPRESS = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync } as const;
type Encoding = keyof typeof DECOMPRESS;

export const isEncoding = (name: string): name is Encoding => Object.hasOwn(DECOMPRESS, name);

const MAX_WORDS_CHARS = 300;

/** A long text's beginning. */
export const inShort = (text: string): string =>
  text.length <= MAX_WORDS_CHARS ? text : `${text.slice(0, MAX_WORDS_CHARS)}… (${text.length} characters)`;

export const wordsOf = (came: Came): string =>
  typeof came === 'string' ? came : inShort(`${came.status} ${came.text}`.trim());

const failureOf = (error: unknown, { deadlineMs }: Call): string => {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError' || code === 'ABORT_ERR'
    ? `no answer within ${deadlineMs} ms`
    : `no answer: ${code ?? message}`;
};

const textOf = (bytes: Buffer, encoding = ''): string =>
  `${isEncoding(encoding) && bytes.length > 0 ? DECOMPRESS[encoding](bytes) : bytes}`;

/** One request; it never rejects. */
export const call = async (baseUrl: string, agent: Agent, asked: Call): Promise<Came> => {
  const { method, path, headers, body = '', deadlineMs } = asked;
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const url = new URL(baseUrl.replace(/\/$/, '') + path);
  const send = url.protocol === 'https:' ? requestTls : request;
  const lengths = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
  const signal = AbortSignal.timeout(deadlineMs);
  const { promise, resolve } = Promise.withResolvers<Came>();
  const sent = send(url, {
    method,
    headers: { 'accept-encoding': Object.keys(DECOMPRESS).join(', '), ...given, ...lengths },
    agent,
    signal,
  });
  sent.on('error', (error) => resolve(failureOf(error, asked)));
  sent.on('response', async (response) => {
    try {
      const { statusCode: status = 0, headers: said } = response;
      const text = textOf(await buffer(response), said['content-encoding']);
      resolve({ status, headers: said, text, isReused: sent.reusedSocket });
    } catch (error) {
      resolve(failureOf(error, asked));
    }
  });
  sent.end(body);
  return await promise;
};
