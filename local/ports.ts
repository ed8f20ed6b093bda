import { createServer } from 'node:http';
import { listenOn, shut } from './listening.ts';

export const HOST = '127.0.0.1';
export const DEFAULT_PORT_BASE = 3100;

export interface CometPorts {
  readonly id: string;
  readonly clients: number;
  readonly api: number;
  /** goim v2's gRPC, or goim v1's RPC. */
  readonly rpc: number;
  readonly wire: 'grpc' | 'gorpc';
}

/** Every port of the local set; they move together. */
export interface Ports {
  /** Kafka REST Proxy and faults by hand. */
  readonly topic: number;
  readonly tables: number;
  /** The console's page. */
  readonly console: number;
  /** serverless-offline's Invoke API, the only one it opens for functions without HTTP events. */
  readonly lambda: number;
  readonly comets: readonly CometPorts[];
}

const CONSOLE = 3;
const LAMBDA = -98;
/** Clients, API and RPC of each comet, from its own base on. */
const CLIENTS = 2;
const API = 8;
const RPC = 9;
const COMETS = [
  { id: 'comet-1', base: 0, wire: 'grpc' },
  { id: 'comet-2', base: 100, wire: 'grpc' },
  // goim v1's ids are numbers.
  { id: '3', base: 200, wire: 'gorpc' },
] as const;

/** The first port that needs no privilege, and the last there is. */
const MIN_BASE = 1024 - LAMBDA;
const MAX_BASE = 65_535 - 200 - RPC;

/** Throws if the base leaves no room for all ports. */
export const portsFrom = (base: unknown = DEFAULT_PORT_BASE): Ports => {
  const first = Number(base);
  if (!Number.isInteger(first) || first < MIN_BASE || first > MAX_BASE) {
    throw new Error(`--port-base is not a whole number from ${MIN_BASE} to ${MAX_BASE}`);
  }
  return {
    topic: first,
    tables: first + 1,
    console: first + CONSOLE,
    lambda: first + LAMBDA,
    comets: COMETS.map((comet) => ({
      id: comet.id,
      clients: first + comet.base + CLIENTS,
      api: first + comet.base + API,
      rpc: first + comet.base + RPC,
      wire: comet.wire,
    })),
  };
};

export const allPorts = ({ topic, tables, console, lambda, comets }: Ports): number[] => [
  topic,
  tables,
  console,
  lambda,
  ...comets.flatMap(({ clients, api, rpc }) => [clients, api, rpc]),
];

/** Rejects with Node's own error for the first port that is taken, as listening itself would. */
export const ensureFree = async (ports: readonly number[]): Promise<void> => {
  for (const port of ports) {
    const server = createServer();
    await listenOn(server, HOST, port);
    await shut(server);
  }
};

/** What to do about a port that is taken; undefined: the error says something else. */
export const portTaken = (error: unknown): string | undefined => {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== 'EADDRINUSE') return undefined;
  return `port ${port} is taken: is npm start running already? \`npm start -- --port-base <n>\` moves all ports`;
};
