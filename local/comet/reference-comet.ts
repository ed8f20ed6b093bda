import { createServer } from 'node:http';
import type { Op } from '../../lib/domain/op.ts';
import { startClientServer } from './client-server.ts';
import { createCometApi } from './comet-api.ts';
import { createConnections, type DeliveredCounts } from './connections.ts';
import { createFaults, type Fault } from './faults.ts';
import { listenOn, shut } from './listening.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const DEFAULTS = {
  /** What goim's example configuration allows: 4 min, twice. */
  heartbeatTimeoutMs: 8 * 60_000,
  maxBodyBytes: 256 * KIB,
  maxRequestBytes: 8 * MIB,
  maxBufferedBytes: 16 * MIB,
};

/** Longer than any caller keeps an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 120_000;

/** A port of 0 is any free one. */
export interface ReferenceCometOptions extends Partial<typeof DEFAULTS> {
  readonly id: string;
  readonly host: string;
  readonly clientPort: number;
  readonly apiPort: number;
  readonly token?: string | undefined;
  /** Takes a line when the API starts, stops or hangs. */
  readonly log?: ((line: string) => void) | undefined;
  /** Each op that is applied or refused, in order. */
  readonly onOp?: ((op: Op) => void) | undefined;
}

/** What stands in for a gateway: goim's client protocol over WebSocket, and the HTTP comet API. */
export interface ReferenceComet {
  readonly id: string;
  /** Like `ws://127.0.0.1:3102/sub`. */
  readonly clientUrl: string;
  /** Like `http://127.0.0.1:3108`. */
  readonly apiUrl: string;
  readonly delivered: Readonly<DeliveredCounts>;
  /** The API refuses connections and drops the open ones; clients stay connected and in their rooms. */
  stop(): Promise<void>;
  /** The API listens, on the same port, and answers; a fault ends. */
  start(): Promise<void>;
  /** The API takes connections and requests, applies none and answers none; `start` resets them. */
  hang(): Promise<void>;
  /** Of the API; the one before it ends. */
  setFault(fault?: Fault): void;
  /** Everything, clients too; nothing keeps the process alive. */
  close(): Promise<void>;
}

/** Listens on one port from the first `start` on, with a new server each time. */
const createApiServer = (host: string, firstPort: number, listener: ReturnType<typeof createCometApi>) => {
  let server = createServer();
  let port = firstPort;
  return {
    port: () => port,
    stop: () => shut(server),
    start: async () => {
      if (server.listening) return;
      server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
      port = await listenOn(server, host, port);
    },
  };
};

/** Rejects with Node's own error if a port is taken: `code` EADDRINUSE and its `port`. */
export const startReferenceComet = async (options: ReferenceCometOptions): Promise<ReferenceComet> => {
  const { id, host, log = () => {} } = options;
  const settings = { ...DEFAULTS, ...options };
  const connections = createConnections();
  const faults = createFaults();
  const api = createApiServer(host, options.apiPort, createCometApi({ ...settings, connections, faults }));
  const clients = await startClientServer({ ...settings, connections, port: options.clientPort });
  const run = async (fault?: Fault) => {
    faults.set(fault);
    await api.start();
  };
  await run().catch(async (error: unknown) => {
    await clients.close();
    throw error;
  });
  const apiUrl = `http://${host}:${api.port()}`;
  const say = (what: string) => log(`${id}: the API ${what} (${apiUrl})`);
  return {
    id,
    clientUrl: `ws://${host}:${clients.port}/sub`,
    apiUrl,
    delivered: connections.delivered,
    stop: () => api.stop().then(() => say('has stopped')),
    start: () => run().then(() => say('answers')),
    hang: () => run({ kind: 'hang' }).then(() => say('hangs')),
    setFault: faults.set,
    close: async () => {
      await Promise.all([api.stop(), clients.close()]);
    },
  };
};
