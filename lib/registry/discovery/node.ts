import type { RegistryAnswer } from '../../domain/comet-entry.ts';
import { openHttpCalls } from '../../http-calls.ts';
import { nodeError, nodeFailed } from './error.ts';
import { readReply } from './reply.ts';

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
const paramsOf = ({ appid, env, zone }: DiscoveryQuery): URLSearchParams =>
  new URLSearchParams({ appid, env, status: '1', ...(zone === undefined ? {} : { zone }) });

/** `callMs` is the node's share of the time that all nodes have. */
export const openDiscoveryNode = (url: string, query: DiscoveryQuery, callMs: number): DiscoveryNode => {
  const { request } = openHttpCalls(url, { callMs, toError: nodeError });
  const config = {
    url: '/discovery/fetch',
    params: paramsOf(query),
    maxContentLength: MAX_DISCOVERY_REPLY_BYTES,
  };
  return {
    fetch: async (signal) => {
      const response = await request(config, signal);
      // 503: a node that has restarted refuses to be read until its instances have registered again.
      if (response.status !== 200) throw nodeFailed(`status ${response.status}`);
      return readReply(response.data);
    },
  };
};
