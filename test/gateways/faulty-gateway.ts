import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Op } from '../../gateway-check/ops.ts';
import { listenOn, shut } from '../../local/listening.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** None of a request that is not of the specification's form. */
  readonly ops: readonly Op[];
  /** The check that asks. */
  readonly check: string | undefined;
  /** It is a check's way to know that its client has everything. */
  readonly isSentinel: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What a gateway with one fault does with a request; `forward` is what one without does. */
export type Fault = (
  asked: Asked,
  forward: (changed?: Partial<Pick<Asked, 'headers' | 'ops'>>) => Promise<Answered>,
) => Promise<Answered>;

export const done = (count: number): Answered => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ done: count }),
});

export const status = (code: number, headers = {}): Answered => ({ status: code, headers, body: '' });

const opsIn = (body: string): Op[] => {
  try {
    const { ops } = JSON.parse(body);
    return Array.isArray(ops) && !ops.includes(null) ? ops : [];
  } catch {
    return [];
  }
};

const checkOf = ({ 'user-agent': agent = '' }: IncomingHttpHeaders): string | undefined =>
  /^gateway-check\/(.*)$/.exec(agent)?.[1];

const ask = async (url: string, { method, path, headers, body }: Asked): Promise<Answered> => {
  const given = Object.entries(headers).filter(
    ([name]) => !['host', 'connection', 'content-length'].includes(name),
  );
  const response = await fetch(url + path, {
    method,
    headers: given as [string, string][],
    body: method === 'GET' ? null : body,
  });
  const kept = ['content-type', 'etag'].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status: response.status, headers: Object.fromEntries(kept), body: await response.text() };
};

export interface FaultyGateway {
  readonly fault: Fault;
  /** A connection that rests this long is closed, ms. */
  readonly idleMs?: number;
  /** A caller has gone in the middle of its request. */
  readonly onAbort?: () => void;
}

/** A gateway with one fault: what it does well, it has from the one at `url`. */
export const startFaultyGateway = async (
  url: string,
  { fault, idleMs = 60_000, onAbort = () => {} }: FaultyGateway,
) => {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request;
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return onAbort();
    const isSentinel = body.includes('/sentinel/');
    const asked = { method, path, headers, body, ops: opsIn(body), check: checkOf(headers), isSentinel };
    const answer = await fault(asked, async (changed = {}) => {
      if (changed.ops?.length === 0) return done(asked.ops.length);
      const given = changed.ops === undefined ? {} : { body: JSON.stringify({ ops: changed.ops }) };
      return await ask(url, { ...asked, ...changed, ...given });
    });
    // Said so, Node's server does not say for how long; told one second, its client would not use the connection again.
    response.writeHead(answer.status, { connection: 'keep-alive', ...answer.headers }).end(answer.body);
  };
  const server = createServer(
    { keepAliveTimeout: idleMs, keepAliveTimeoutBuffer: 0 },
    (request, response) => {
      serve(request, response).catch(() => response.destroy());
    },
  );
  const port = await listenOn(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}`, close: () => shut(server) };
};
