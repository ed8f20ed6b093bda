import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosError, AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import type { ServiceError } from './errors.ts';

export interface HttpCallsOptions {
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** One request's deadline, ms. */
  readonly callMs: number;
  /** Foreign errors carry the request, and with it bodies and tokens: what leaves is made of them here. */
  readonly toError: (error: unknown, deadline: AbortSignal) => ServiceError;
}

/** One request within its deadline, whatever its status; no redirects, no proxy. Rejects with what `toError` makes. */
export interface HttpCalls {
  request(config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse<Buffer>>;
  close(): void;
}

/** Under the 5 s after which Node's servers close an idle connection: a frozen sandbox wakes with sockets that are long closed. */
const IDLE_SOCKETS_MS = 4_000;

const headersOf = (token: string | undefined) => ({
  Accept: 'application/json',
  ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
});

/** Of the library itself: a request that failed. */
export const isAxiosError = (error: unknown): error is AxiosError =>
  error instanceof Error && 'isAxiosError' in error && error.isAxiosError === true;

/** Loaded when the first request needs it: most of a cold start, for nothing where no comet is called over HTTP. */
const loadAxios = async () => (await import('axios')).default;

/** Calls of one server over kept connections. */
export const openHttpCalls = (baseURL: string, { token, callMs, toError }: HttpCallsOptions): HttpCalls => {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  let http: Promise<AxiosInstance> | undefined;
  const opened = (): Promise<AxiosInstance> => {
    http ??= loadAxios().then((axios) =>
      axios.create({
        baseURL,
        httpAgent,
        httpsAgent,
        proxy: false,
        maxRedirects: 0,
        maxBodyLength: Number.POSITIVE_INFINITY,
        responseType: 'arraybuffer',
        validateStatus: () => true,
        headers: headersOf(token),
      }),
    );
    return http;
  };
  let usedAt = 0;
  const close = (): void => {
    httpAgent.destroy();
    httpsAgent.destroy();
  };
  const request = async (config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse<Buffer>> => {
    const isIdle = Date.now() - usedAt > IDLE_SOCKETS_MS;
    usedAt = Date.now();
    if (isIdle) close();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
    try {
      return await (await opened()).request<Buffer>({ ...config, signal: deadline });
    } catch (error) {
      throw toError(error, deadline);
    } finally {
      usedAt = Date.now();
    }
  };
  return { request, close };
};
