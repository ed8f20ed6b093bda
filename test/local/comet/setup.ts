import axios, { type AxiosResponse } from 'axios';
import { afterEach } from 'vitest';
import type { Op } from '../../../lib/domain/op.ts';
import {
  type ReferenceComet,
  type ReferenceCometOptions,
  startReferenceComet,
} from '../../../local/comet/reference-comet.ts';
import {
  connectGoimClient,
  type GoimClient,
  type GoimClientOptions,
} from '../../../local/goim-client/client.ts';

/** Far above what any step takes; only a failing test waits for it. */
export const PATIENCE_MS = 10_000;

/** Comets and clients that are closed after each test. */
export const useComets = () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const closeable of open.splice(0).reverse()) await closeable.close();
  });
  const keep = <T extends { close(): Promise<void> }>(closeable: T): T => {
    open.push(closeable);
    return closeable;
  };
  const start = async (options: Partial<ReferenceCometOptions> = {}): Promise<ReferenceComet> =>
    keep(
      await startReferenceComet({ id: 'comet-1', host: '127.0.0.1', clientPort: 0, apiPort: 0, ...options }),
    );
  const connect = async (
    { clientUrl }: ReferenceComet,
    options: Partial<GoimClientOptions> = {},
  ): Promise<GoimClient> =>
    keep(
      await connectGoimClient({
        url: clientUrl,
        key: 'k1',
        roomId: 'live://1000',
        accepts: [1000],
        ...options,
      }),
    );
  return { keep, start, connect };
};

const base = (operation: number, text: string) => ({
  id: 'goim-push-topic/0/42',
  operation,
  body: Buffer.from(text).toString('base64'),
  timestamp: 1_700_000_000_000,
});

export const pushOp = (keys: readonly string[], text: string, operation = 1000): Op => ({
  ...base(operation, text),
  type: 'push',
  keys,
});
export const roomOp = (room: string, text: string, operation = 1000): Op => ({
  ...base(operation, text),
  type: 'room',
  room,
});
export const allOp = (text: string, operation = 1000, speed = 0): Op => ({
  ...base(operation, text),
  type: 'all',
  speed,
});

const api = axios.create({ validateStatus: () => true, maxRedirects: 0 });

export const postOps = (
  { apiUrl }: ReferenceComet,
  ops: readonly Op[],
  headers = {},
): Promise<AxiosResponse> => api.post(`${apiUrl}/v1/ops`, { ops }, { headers });

export const get = ({ apiUrl }: ReferenceComet, path: string, headers = {}): Promise<AxiosResponse> =>
  api.get(`${apiUrl}${path}`, { headers });

/** What the client has by now: a heartbeat's reply comes after everything sent before it. */
export const received = async (client: GoimClient): Promise<string[]> => {
  await client.heartbeat();
  return client.messages.map(({ operation, body }) => `${operation} ${body}`);
};
