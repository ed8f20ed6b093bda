import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { AxiosError, AxiosRequestConfig, AxiosResponse } from 'axios';
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

const openAgent = (baseURL: string, tls: SecureContextOptions = {}) => {
  const isTls = /^https:/i.test(baseURL);
  const agent = isTls ? new HttpsAgent({ ...tls, keepAlive: true }) : new HttpAgent({ keepAlive: true });
  return {
    config: isTls ? { httpsAgent: agent } : { httpAgent: agent },
    closeIdle: (): void => {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    },
    close: (): void => agent.destroy(),
  };
};

type Send = (config: AxiosRequestConfig) => Promise<AxiosResponse<Buffer>>;

/**
 * Loaded when the first request needs it: most of a cold start, for nothing where no comet is called over HTTP. Its adapter alone:
 * what the library does around it, for defaults and transforms that nothing here has, is half of a request's garbage.
 */
const loadAxios = async (): Promise<Send> => {
  const { AxiosHeaders, getAdapter } = await import('axios');
  const adapter = getAdapter('http');
  return (config) =>
    adapter({ ...config, headers: AxiosHeaders.from({ Accept: 'application/json', ...config.headers }) });
};

/** Calls of one server over kept connections. */
export const openHttpCalls = (baseURL: string, { callMs, tls, toError }: HttpCallsOptions): HttpCalls => {
  const agent = openAgent(baseURL, tls);
  const fixed: AxiosRequestConfig = {
    method: 'GET',
    baseURL,
    ...agent.config,
    proxy: false,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'arraybuffer',
    validateStatus: () => true,
  };
  let axios: Promise<Send> | undefined;

  /** Once more over a new connection if a kept one was stale. */
  const attempt = async (config: AxiosRequestConfig): Promise<AxiosResponse<Buffer>> => {
    axios ??= loadAxios();
    const send = await axios;
    try {
      return await send(config);
    } catch (error) {
      if (config.signal?.aborted || !isStale(error)) throw error;
      agent.closeIdle();
      return await send(config);
    }
  };

  let usedAt = 0;
  const request = async (config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse<Buffer>> => {
    if (Date.now() - usedAt > IDLE_CONNECTION_MS) agent.closeIdle();
    usedAt = Date.now();
    const deadline = openDeadline(callMs);
    const end = AbortSignal.any([signal, deadline.signal]);
    try {
      return await attempt({ ...fixed, ...config, signal: end });
    } catch (error) {
      // Silence: what was opened as long ago may be as dead.
      if (end.aborted) agent.closeIdle();
      throw toError(error, end);
    } finally {
      deadline.cancel();
      usedAt = Date.now();
    }
  };
  return { request, close: agent.close };
};
