import { randomUUID } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { OpenClient } from './clients/client.ts';
import { type Delivered, deliverOps, whenFree } from './deliver.ts';
import { type Answer, type Call, type Came, call } from './http.ts';
import { ACCEPTED, createOps, type Op } from './ops.ts';
import { openTestClient, type TestClient } from './test-client.ts';

/** goim-job's own, unless a test has others. */
export interface Waits {
  /** For an answer to ops. */
  readonly opsMs: number;
  /** For a list of rooms. */
  readonly roomsMs: number;
  /** How long a connection rests before it is used again. */
  readonly restMs: number;
}

export interface GatewayOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Undefined: what only clients see is not checked. */
  readonly openClient?: OpenClient | undefined;
  readonly waits: Waits;
}

export interface Seen {
  readonly path: Call['path'];
  readonly answer: Answer;
}

type WriteRequest = (ops: readonly Op[]) => string;

/** The gateway, as one check sees it. */
export interface Gateway {
  readonly url: string;
  readonly token: string | undefined;
  readonly waits: Waits;
  /** Keys and rooms with this in their names are this check's own. */
  readonly name: string;
  readonly ops: ReturnType<typeof createOps>;
  /** Each answer so far, of other checks too. */
  readonly seen: readonly Seen[];
  /** As goim-job asks: with the token, over kept connections, and again after 429 and 503. */
  post(body: unknown, headers?: OutgoingHttpHeaders): Promise<Came>;
  /** The same, and those that are not done again. */
  deliver(ops: readonly Op[], write?: WriteRequest): Promise<Delivered>;
  /** Once, with the patience that ops get, if not told otherwise. */
  rooms(headers?: OutgoingHttpHeaders, deadlineMs?: number): Promise<Came>;
  /** A push reaches it. Rejects if none does. */
  connect(options?: { key?: string; room?: string; accepts?: number[] }): Promise<TestClient>;
  close(): Promise<void>;
}

const writeOps: WriteRequest = (ops) => JSON.stringify({ ops });

/** Calls with what each has; `seen` gets the answers. */
const openCalls = (id: string, { url, token }: GatewayOptions, seen: Seen[]) => {
  const agent = new (url.startsWith('https:') ? TlsAgent : Agent)({ keepAlive: true });
  const always = {
    'user-agent': `gateway-check/${id}`,
    authorization: token === undefined ? undefined : `Bearer ${token}`,
  };
  return {
    ask: async (asked: Call): Promise<Came> => {
      const came = await call(url, agent, { ...asked, headers: { ...always, ...asked.headers } });
      if (typeof came !== 'string') seen.push({ path: asked.path, answer: came });
      return came;
    },
    close: () => agent.destroy(),
  };
};

/** For the check of this id; `seen` is shared by all. */
export const openGateway = (id: string, options: GatewayOptions, seen: Seen[]): Gateway => {
  const { url, token, openClient, waits } = options;
  const calls = openCalls(id, options, seen);
  const clients: TestClient[] = [];
  const name = `gateway-check/${id}/${randomUUID()}`;
  const post: Gateway['post'] = (content, headers = {}) => {
    const asked = {
      method: 'POST',
      path: '/v1/ops',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof content === 'string' ? content : JSON.stringify(content),
      deadlineMs: waits.opsMs,
    } as const;
    return whenFree(() => calls.ask(asked));
  };
  const deliver: Gateway['deliver'] = (ops, write = writeOps) => deliverOps(ops, (left) => post(write(left)));
  return {
    url,
    token,
    waits,
    name,
    ops: createOps(name),
    seen,
    post,
    deliver,
    rooms: (headers = {}, deadlineMs = waits.opsMs) =>
      calls.ask({ method: 'GET', path: '/v1/rooms', headers, deadlineMs }),
    connect: async ({ key = `${name}/key`, room = `${name}/room`, accepts = [ACCEPTED] } = {}) => {
      if (openClient === undefined) throw new Error('the gateway’s clients cannot be opened');
      const client = await openTestClient({ key, room, accepts }, openClient, deliver);
      clients.push(client);
      return client;
    },
    close: async () => {
      calls.close();
      await Promise.allSettled(clients.map((client) => client.close()));
    },
  };
};
