import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type { RegistryAnswer } from '../domain/comet-entry.ts';
import { nodeError, nodeFailed } from './discovery-error.ts';
import { readReply } from './discovery-reply.ts';

/** Which instances to ask for; without a zone, those of all zones. */
export interface DiscoveryQuery {
  readonly appid: string;
  readonly env: string;
  readonly zone?: string | undefined;
}

/** One node of bilibili/discovery. Rejects with `REGISTRY_FAILED`. */
export interface DiscoveryNode {
  fetch(signal: AbortSignal): Promise<RegistryAnswer>;
}

/** About 8,000 comets: an instance is half a kilobyte. */
export const MAX_DISCOVERY_REPLY_BYTES = 4 * 1024 * 1024;
/** Asked each second, a connection is idle for longer only if the sandbox was frozen: the node has closed it since. */
const IDLE_SOCKETS_MS = 4_000;

const paramsOf = ({ appid, env, zone }: DiscoveryQuery): URLSearchParams =>
  new URLSearchParams({ appid, env, status: '1', ...(zone === undefined ? {} : { zone }) });

/** `callMs` is the node's share of the time that all nodes have. */
export const openDiscoveryNode = (url: string, query: DiscoveryQuery, callMs: number): DiscoveryNode => {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  const http = axios.create({
    baseURL: url,
    params: paramsOf(query),
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: MAX_DISCOVERY_REPLY_BYTES,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    headers: { Accept: 'application/json' },
  });
  let usedAt = 0;
  return {
    fetch: async (signal) => {
      if (Date.now() - usedAt > IDLE_SOCKETS_MS) for (const agent of [httpAgent, httpsAgent]) agent.destroy();
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
      try {
        const response = await http.get<Buffer>('/discovery/fetch', { signal: deadline });
        // 503: a node that has restarted refuses to be read until its instances have registered again.
        if (response.status !== 200) throw nodeFailed(`status ${response.status}`);
        return readReply(response.data);
      } catch (error) {
        throw nodeError(error, deadline);
      } finally {
        usedAt = Date.now();
      }
    },
  };
};
