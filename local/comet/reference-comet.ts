import { createServer } from 'node:http';
import type { Op } from '../../lib/domain/op.ts';
import { listenOn, shut } from '../listening.ts';
import { type Connections, createConnections, type DeliveredCounts } from './clients/connections.ts';
import { startClientServer } from './clients/server.ts';
import { createFaults, type Fault, type Faults } from './faults.ts';
import { createGrpcServer, type GrpcServer } from './grpc/server.ts';
import { createCometService } from './grpc/service.ts';
import { createCometApi } from './http/api.ts';
import type { Traps } from './traps.ts';

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
  /** Serves `goim.comet.Comet` too, if given. */
  readonly grpcPort?: number | undefined;
  /** Of a stock comet; none by default. */
  readonly traps?: Traps | undefined;
  readonly token?: string | undefined;
  /** Takes a line when the API starts, stops or hangs, and gRPC with it. */
  readonly log?: ((line: string) => void) | undefined;
  /** Each op that is applied or refused, in order. */
  readonly onOp?: ((op: Op) => void) | undefined;
  /** Ops that this comet fails on: over HTTP those before it are applied, over gRPC the call is not. */
  readonly failsOn?: ((op: Op) => boolean) | undefined;
}

/** What stands in for a gateway: goim's client protocol over WebSocket, the HTTP comet API, and goim's gRPC. */
export interface ReferenceComet {
  readonly id: string;
  /** Like `ws://127.0.0.1:3102/sub`. */
  readonly clientUrl: string;
  /** Like `http://127.0.0.1:3108`. */
  readonly apiUrl: string;
  /** Like `grpc://127.0.0.1:3109`; undefined: not served. */
  readonly grpcUrl: string | undefined;
  readonly delivered: Readonly<DeliveredCounts>;
  /** The API and gRPC refuse connections and drop the open ones; clients stay connected and in their rooms. */
  stop(): Promise<void>;
  /** They listen, on the same ports, and answer; a fault ends. */
  start(): Promise<void>;
  /** They take connections and requests, apply none and answer none; `start` resets them. */
  hang(): Promise<void>;
  /** Of both; the one before it ends. */
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

interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all or none. */
const together = (servers: readonly Startable[]): Startable => ({
  start: async () => {
    const started = await Promise.allSettled(servers.map((server) => server.start()));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    await Promise.all(servers.map((server) => server.stop()));
    throw failed.reason;
  },
  stop: async () => {
    await Promise.all(servers.map((server) => server.stop()));
  },
});

/** grpc-js takes 100 ms to load: only if it is asked for. */
const createGrpc = async (
  options: ReferenceCometOptions & typeof DEFAULTS,
  connections: Connections,
  faults: Faults,
): Promise<GrpcServer | undefined> => {
  const { grpcPort, traps = {}, host } = options;
  if (grpcPort === undefined) return undefined;
  const service = createCometService({ ...options, connections, traps });
  return await createGrpcServer({ service, faults, host, port: grpcPort });
};

/** Rejects with Node's own error if a port is taken: `code` EADDRINUSE and its `port`. */
export const startReferenceComet = async (options: ReferenceCometOptions): Promise<ReferenceComet> => {
  const { id, host, log = () => {} } = options;
  const settings = { ...DEFAULTS, ...options };
  const connections = createConnections();
  const faults = createFaults();
  const api = createApiServer(host, options.apiPort, createCometApi({ ...settings, connections, faults }));
  const grpc = await createGrpc(settings, connections, faults);
  const servers = together(grpc === undefined ? [api] : [api, grpc]);
  const clients = await startClientServer({
    ...settings,
    connections,
    port: options.clientPort,
    queue: options.traps?.queue,
  });
  const run = async (fault?: Fault) => {
    faults.set(fault);
    await servers.start();
  };
  await run().catch(async (error: unknown) => {
    await clients.close();
    throw error;
  });
  const apiUrl = `http://${host}:${api.port()}`;
  const grpcUrl = grpc === undefined ? undefined : `grpc://${host}:${grpc.port()}`;
  const urls = grpcUrl === undefined ? apiUrl : `${apiUrl}, ${grpcUrl}`;
  const say = (what: string) => log(`${id}: the API ${what} (${urls})`);
  return {
    id,
    clientUrl: `ws://${host}:${clients.port}/sub`,
    apiUrl,
    grpcUrl,
    delivered: connections.delivered,
    stop: () => servers.stop().then(() => say('has stopped')),
    start: () => run().then(() => say('answers')),
    hang: () => run({ kind: 'hang' }).then(() => say('hangs')),
    setFault: faults.set,
    close: async () => {
      await Promise.all([servers.stop(), clients.close()]);
    },
  };
};
