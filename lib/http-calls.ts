import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { AxiosError, AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import { openDeadline } from './deadline.ts';
import { IDLE_CONNECTION_MS } from './domain/limits.ts';
import type { ServiceError } from './errors.ts';

export interface HttpCallsOptions {
  /** One request's deadline, its second attempt included, ms. */
  readonly callMs: number;
  /** For `https://`; the system's authorities otherwise. */
  readonly tls?: SecureContextOptions | undefined;
  /** Foreign errors carry the request, and with it bodies and tokens: what leaves is made of them here. */
  readonly toError: (error: unknown, deadline: AbortSignal) => ServiceError;
}

/** One request within its deadline, whatever its status; no redirects, no proxy. Rejects with what `toError` makes. */
export interface HttpCalls {
  request(config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse<Buffer>>;
  close(): void;
}

/** Of the library itself: a request that failed. */
export const isAxiosError = (error: unknown): error is AxiosError =>
  error instanceof Error && 'isAxiosError' in error && error.isAxiosError === true;

/** A kept connection went without a word of an answer: the server had closed it while it rested, as a thawed sandbox finds it. */
const isStale = (error: unknown): boolean => {
  if (!isAxiosError(error)) return false;
  const { reusedSocket, res } = (error.request ?? {}) as Partial<ClientRequest> & { res?: unknown };
  return reusedSocket === true && (res ?? undefined) === undefined;
};

const openAgents = (tls: SecureContextOptions = {}) => {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ ...tls, keepAlive: true });
  return {
    httpAgent,
    httpsAgent,
    closeIdle: (): void => {
      const idle = [httpAgent, httpsAgent].flatMap(({ freeSockets }) => Object.values(freeSockets).flat());
      for (const socket of idle) socket?.destroy();
    },
    close: (): void => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
};
type Agents = ReturnType<typeof openAgents>;

/** Loaded when the first request needs it: most of a cold start, for nothing where no comet is called over HTTP. */
const loadAxios = async () => (await import('axios')).default;

const createClient = async (baseURL: string, { httpAgent, httpsAgent }: Agents): Promise<AxiosInstance> =>
  (await loadAxios()).create({
    baseURL,
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    headers: { Accept: 'application/json' },
  });

/** Calls of one server over kept connections. */
export const openHttpCalls = (baseURL: string, { callMs, tls, toError }: HttpCallsOptions): HttpCalls => {
  const agents = openAgents(tls);
  let http: Promise<AxiosInstance> | undefined;

  /** Once more over a new connection if a kept one was stale. */
  const attempt = async (config: AxiosRequestConfig): Promise<AxiosResponse<Buffer>> => {
    http ??= createClient(baseURL, agents);
    const client = await http;
    try {
      return await client.request<Buffer>(config);
    } catch (error) {
      if (config.signal?.aborted || !isStale(error)) throw error;
      agents.closeIdle();
      return await client.request<Buffer>(config);
    }
  };

  let usedAt = 0;
  const request = async (config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse<Buffer>> => {
    if (Date.now() - usedAt > IDLE_CONNECTION_MS) agents.closeIdle();
    usedAt = Date.now();
    const deadline = openDeadline(callMs);
    const end = AbortSignal.any([signal, deadline.signal]);
    try {
      return await attempt({ ...config, signal: end });
    } catch (error) {
      // Silence: what was opened as long ago may be as dead.
      if (end.aborted) agents.closeIdle();
      throw toError(error, end);
    } finally {
      deadline.cancel();
      usedAt = Date.now();
    }
  };
  return { request, close: agents.close };
};
