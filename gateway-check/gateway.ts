import { randomUUID } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { COMET_CALL_MS, DELIVERY_MS, ROOMS_CALL_MS } from '../lib/domain/limits.ts';
import type { OpenClient } from './clients/client.ts';
import { type Answer, type Came, call } from './http.ts';
import { ACCEPTED, createOps, type Op } from './ops.ts';
import { openTestClient, type TestClient } from './test-client.ts';

export interface GatewayOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Undefined: what only clients see is not checked. */
  readonly openClient?: OpenClient | undefined;
  /** How long a connection rests before it is used again, ms. */
  readonly restMs: number;
}

/** The gateway, as one check sees it. */
export interface Gateway {
  readonly url: string;
  readonly restMs: number;
  /** Keys and rooms with this in their names are this check's own. */
  readonly name: string;
  readonly ops: ReturnType<typeof createOps>;
  /** Each 429 and 503 so far, of other checks too. */
  readonly busy: readonly Answer[];
  /** As goim-job asks: with the token, over kept connections, and again after 429 and 503. */
  post(body: unknown, headers?: OutgoingHttpHeaders): Promise<Came>;
  postOps(ops: readonly Op[]): Promise<Came>;
  /** Within the deadline of ops, or that of rooms if not `isPatient`. */
  rooms(headers?: OutgoingHttpHeaders, isPatient?: boolean): Promise<Came>;
  /** Once, and a push reaches it. Rejects if none does. */
  connect(options?: { key?: string; room?: string; accepts?: number[] }): Promise<TestClient>;
  close(): Promise<void>;
}

/** A busy gateway that names no time is asked again after this long. */
const DEFAULT_RETRY_AFTER_MS = 200;
const isBusy = (came: Came): came is Answer =>
  typeof came !== 'string' && (came.status === 429 || came.status === 503);
const retryAfterMs = ({ headers }: Answer): number => {
  const said = headers['retry-after'] ?? '';
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return ms > 0 ? ms : DEFAULT_RETRY_AFTER_MS;
};

/** Asks until the gateway is not busy, for as long as a delivery may take; `busy` gets each answer that says so. */
const whenFree = async (ask: () => Promise<Came>, busy: Answer[]): Promise<Came> => {
  const end = performance.now() + DELIVERY_MS;
  for (;;) {
    const came = await ask();
    if (!isBusy(came)) return came;
    busy.push(came);
    const waitMs = retryAfterMs(came);
    if (performance.now() + waitMs > end) return came;
    await pause(waitMs);
  }
};

/** For the check of this id; `busy` is shared by all. */
export const openGateway = (
  id: string,
  { url, token, openClient, restMs }: GatewayOptions,
  busy: Answer[],
): Gateway => {
  const agent = new (url.startsWith('https:') ? TlsAgent : Agent)({ keepAlive: true });
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const clients: TestClient[] = [];
  const name = `gateway-check/${id}/${randomUUID()}`;
  const json = { 'content-type': 'application/json', ...bearer };
  const post: Gateway['post'] = (content, headers = json) => {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const asked = { method: 'POST', path: '/v1/ops', headers, body, deadlineMs: COMET_CALL_MS } as const;
    return whenFree(() => call(url, agent, asked), busy);
  };
  const postOps = (ops: readonly Op[]) => post({ ops });
  return {
    url,
    restMs,
    name,
    ops: createOps(name),
    busy,
    post,
    postOps,
    rooms: (headers = {}, isPatient = true) => {
      const deadlineMs = isPatient ? COMET_CALL_MS : ROOMS_CALL_MS;
      const asked = {
        method: 'GET',
        path: '/v1/rooms',
        headers: { ...bearer, ...headers },
        deadlineMs,
      } as const;
      return whenFree(() => call(url, agent, asked), busy);
    },
    connect: async ({ key = `${name}/key`, room = `${name}/room`, accepts = [ACCEPTED] } = {}) => {
      if (openClient === undefined) throw new Error('the gateway’s clients cannot be opened');
      const client = await openTestClient({ key, room, accepts }, openClient, postOps);
      clients.push(client);
      return client;
    },
    close: async () => {
      agent.destroy();
      await Promise.allSettled(clients.map((client) => client.close()));
    },
  };
};
