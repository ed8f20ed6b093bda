import { createServer } from 'node:http';
import type { Op } from '../../lib/domain/op.ts';
import { KEEP_ALIVE_MS, listenOn, shut } from '../listening.ts';
import { type Connections, createConnections, type DeliveredCounts } from './clients/connections.ts';
import { startClientServer } from './clients/server.ts';
import { createFaults, type Fault, type Faults } from './faults.ts';
import { barePacket, type RoomsVariant } from './gorpc/messages.ts';
import { createGorpcServer, type GorpcServer } from './gorpc/server.ts';
import { createPushService } from './gorpc/service.ts';
import { createGrpcServer, type GrpcServer } from './grpc/server.ts';
import { createCometService } from './grpc/service.ts';
import { createCometApi, rawPacket } from './http/api.ts';
import type { Traps } from './traps.ts';

const MIB = 1024 * 1024;

const DEFAULTS = {
  /** What goim's example configuration allows: 4 min, twice. */
  heartbeatTimeoutMs: 8 * 60_000,
  maxBodyBytes: MIB,
  maxRequestBytes: 8 * MIB,
  maxBufferedBytes: 16 * MIB,
};

/** A port of 0 is any free one. */
export interface ReferenceCometOptions extends Partial<typeof DEFAULTS> {
  readonly id: string;
  readonly host: string;
  readonly clientPort: number;
  readonly apiPort: number;
  /** Serves `goim.comet.Comet` too, if given. */
  readonly grpcPort?: number | undefined;
  /** Serves goim v1's `PushRPC` too, if given; then its clients speak v1's protocol. */
  readonly gorpcPort?: number | undefined;
  /** `RoomsReply` as in v1.2, a list (the default), or as since 2016-08-22, a set. */
  readonly roomsVariant?: RoomsVariant | undefined;
  /** Of a stock comet; none by default. */
  readonly traps?: Traps | undefined;
  /** Asked for over HTTP, if given; the one of the moment. */
  readonly token?: (() => string) | undefined;
  /** Takes a line when the API starts, stops or hangs, and with it the other wires. */
  readonly log?: ((line: string) => void) | undefined;
  /** Each op that is applied or refused, in order. */
  readonly onOp?: ((op: Op) => void) | undefined;
  /** Ops that this comet fails on: over HTTP those before it are applied, over the other wires the call is not. */
  readonly failsOn?: ((op: Op) => boolean) | undefined;
}

export type CometState = 'running' | 'stopped' | 'hanging';

/** What stands in for a gateway: goim's client protocol over WebSocket, the HTTP comet API, goim v2's gRPC and v1's RPC. */
export interface ReferenceComet {
  readonly id: string;
  /** Like `ws://127.0.0.1:3102/sub`. */
  readonly clientUrl: string;
  /** Like `http://127.0.0.1:3108`. */
  readonly apiUrl: string;
  /** Like `grpc://127.0.0.1:3109`; undefined: not served. */
  readonly grpcUrl: string | undefined;
  /** Like `gorpc://127.0.0.1:3309`; undefined: not served. */
  readonly gorpcUrl: string | undefined;
  readonly delivered: Readonly<DeliveredCounts>;
  /** What it was made to do by `stop`, `start` and `hang`. */
  state(): CometState;
  connections(): number;
  /** With at least one connection. */
  rooms(): number;
  /** The API and the other wires refuse connections and drop the open ones; clients stay connected and in their rooms. */
  stop(): Promise<void>;
  /** They listen, on the same ports, and answer; a fault ends. */
  start(): Promise<void>;
  /** They take connections and requests, apply none and answer none; `start` resets them. */
  hang(): Promise<void>;
  /** Of all wires; the one before it ends. */
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

const createGorpc = (
  options: ReferenceCometOptions & typeof DEFAULTS,
  connections: Connections,
  faults: Faults,
): GorpcServer | undefined => {
  const { gorpcPort, traps = {}, roomsVariant = 'list', host } = options;
  if (gorpcPort === undefined) return undefined;
  const service = createPushService({ ...options, connections, traps, roomsVariant });
  return createGorpcServer({ service, faults, host, port: gorpcPort, parallel: traps.parallel === true });
};

/** Rejects with Node's own error if a port is taken: `code` EADDRINUSE and its `port`. */
export const startReferenceComet = async (options: ReferenceCometOptions): Promise<ReferenceComet> => {
  const { id, host, log = () => {} } = options;
  const settings = { ...DEFAULTS, ...options };
  const connections = createConnections();
  const faults = createFaults();
  const frameOf = options.gorpcPort === undefined ? rawPacket : barePacket;
  const listener = createCometApi({ ...settings, connections, faults, frameOf });
  const api = createApiServer(host, options.apiPort, listener);
  const grpc = await createGrpc(settings, connections, faults);
  const gorpc = createGorpc(settings, connections, faults);
  const servers = together([api, grpc, gorpc].filter((server) => server !== undefined));
  const clients = await startClientServer({
    ...settings,
    connections,
    port: options.clientPort,
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
  const gorpcUrl = gorpc === undefined ? undefined : `gorpc://${host}:${gorpc.port()}`;
  const urls = [apiUrl, grpcUrl, gorpcUrl].filter((url) => url !== undefined).join(', ');
  let state: CometState = 'running';
  const turn = (next: CometState, work: Promise<void>, what: string): Promise<void> => {
    state = next;
    return work.then(() => say(what));
  };
  const say = (what: string) => log(`${id}: the API ${what} (${urls})`);
  return {
    id,
    clientUrl: `ws://${host}:${clients.port}/sub`,
    apiUrl,
    grpcUrl,
    gorpcUrl,
    delivered: connections.delivered,
    state: () => state,
    connections: () => connections.keys().length,
    rooms: () => connections.rooms().length,
    stop: () => turn('stopped', servers.stop(), 'has stopped'),
    start: () => turn('running', run(), 'answers'),
    hang: () => turn('hanging', run({ kind: 'hang' }), 'hangs'),
    setFault: faults.set,
    close: async () => {
      await Promise.all([servers.stop(), clients.close()]);
    },
  };
};
