import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { cometError } from './http-error.ts';

export interface HttpOptions {
  /** Sent as a bearer token. */
  readonly token?: string;
  /** One request's share of the comet call's deadline, ms. */
  readonly callMs: number;
}

/** One request within its deadline, whatever its status. Rejects with a `CometError`. */
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

export const openHttpCalls = (address: string, { token, callMs }: HttpOptions): HttpCalls => {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  const http = axios.create({
    baseURL: address,
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    headers: headersOf(token),
  });
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
      return await http.request<Buffer>({ ...config, signal: deadline });
    } catch (error) {
      throw cometError(error, deadline);
    } finally {
      usedAt = Date.now();
    }
  };
  return { request, close };
};
