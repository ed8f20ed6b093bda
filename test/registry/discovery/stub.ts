import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { listenOn, shut } from '../../../local/listening.ts';

/** An instance as a service registers it. */
export interface StubInstance {
  readonly hostname: string;
  readonly addrs: readonly string[];
  /** 1 (up) if not given; 2 is waiting. */
  readonly status?: number;
  readonly zone?: string;
  readonly env?: string;
  readonly appid?: string;
  /** Nanoseconds since 1970; now if not given. */
  readonly registeredAt?: bigint;
}

/** How the node fails: no answer, a reset, 503 while it starts, or another answer than it should give. */
export type StubFault =
  | 'hang'
  | 'reset'
  | 'protected'
  | { readonly status?: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export interface DiscoveryStubOptions {
  readonly host: string;
  readonly port: number;
  /** v1.0.1, which goim pins, or the last one, whose answers have a message and a ttl. */
  readonly version?: 'v1.0.1' | 'head';
}

/** One node of bilibili/discovery, as far as `/discovery/fetch` goes. */
export interface DiscoveryStub {
  /** Like `http://127.0.0.1:7171`. */
  readonly url: string;
  /** The query of each fetch. */
  readonly asked: readonly URLSearchParams[];
  /** Adds an instance, or replaces the one of its env, appid, zone and hostname. */
  register(instance: StubInstance): void;
  /** In place of those it knew, all registered now unless they say otherwise. */
  setInstances(instances: readonly StubInstance[]): void;
  /** Until it is called with nothing. */
  fail(fault?: StubFault): void;
  close(): Promise<void>;
}

type Known = Required<StubInstance>;
type Answer = { readonly code: number; readonly data?: string };

const NS_PER_MS = 1_000_000n;
const REQUEST_ERROR: Answer = { code: -400 };
const NOT_FOUND: Answer = { code: -404 };

const nowNs = (): bigint => BigInt(Date.now()) * NS_PER_MS + 123_457n;

const known = (instance: StubInstance): Known => ({
  status: 1,
  zone: 'sh001',
  env: 'dev',
  appid: 'goim.comet',
  registeredAt: nowNs(),
  ...instance,
});

const idOf = ({ env, appid, zone, hostname }: Known): string => JSON.stringify([env, appid, zone, hostname]);

/** As JSON, with all digits of its times, which no number of JavaScript has. */
const instanceJson = ({ registeredAt, ...rest }: Known): string => {
  const instance = { region: 'sh', version: '', metadata: { weight: '10', offline: 'false' }, ...rest };
  const times = ['reg', 'up', 'renew', 'dirty', 'latest'].map(
    (time) => `"${time}_timestamp":${registeredAt}`,
  );
  return `${JSON.stringify(instance).slice(0, -1)},${times.join(',')}}`;
};

const zonesJson = (instances: readonly Known[], status: number): string => {
  const zones = [...Map.groupBy(instances, ({ zone }) => zone)].map(([zone, of]) => {
    const wanted = of.filter((instance) => (instance.status & status) > 0).map(instanceJson);
    return `${JSON.stringify(zone)}:[${wanted.join(',')}]`;
  });
  const latest = instances.reduce((max, { registeredAt }) => (registeredAt > max ? registeredAt : max), 0n);
  return `{"instances":{${zones.join(',')}},"latest_timestamp":${latest}}`;
};

const fetchAnswer = (instances: Iterable<Known>, query: URLSearchParams): Answer => {
  const status = Number(query.get('status'));
  if (!query.get('env') || !query.get('appid') || !status) return REQUEST_ERROR;
  const found = [...instances].filter(
    ({ env, appid, zone }) =>
      env === query.get('env') && appid === query.get('appid') && zone === (query.get('zone') ?? zone),
  );
  return found.length === 0 ? NOT_FOUND : { code: 0, data: zonesJson(found, status) };
};

const bodyOf = ({ code, data }: Answer, version: 'v1.0.1' | 'head'): string => {
  if (version === 'v1.0.1') return `{"code":${code},"data":${data ?? 'null'}}`;
  return `{"code":${code},"message":"${code}","ttl":1${data === undefined ? '' : `,"data":${data}`}}`;
};

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** Listens at once; port 0 takes a free one. */
export const startDiscoveryStub = async ({
  host,
  port,
  version = 'v1.0.1',
}: DiscoveryStubOptions): Promise<DiscoveryStub> => {
  const instanceById = new Map<string, Known>();
  const asked: URLSearchParams[] = [];
  let fault: StubFault | undefined;

  const failWith = (how: StubFault, response: ServerResponse): void => {
    if (how === 'hang') return;
    if (how === 'reset') response.socket?.resetAndDestroy();
    else if (how === 'protected') response.writeHead(503, JSON_TYPE).end(bodyOf({ code: -503 }, version));
    else response.writeHead(how.status ?? 200, { ...JSON_TYPE, ...how.headers }).end(how.body);
  };

  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '', 'http://stub');
    if (request.method !== 'GET' || url.pathname !== '/discovery/fetch') {
      response.writeHead(404).end();
      return;
    }
    asked.push(url.searchParams);
    if (fault !== undefined) failWith(fault, response);
    else
      response
        .writeHead(200, JSON_TYPE)
        .end(bodyOf(fetchAnswer(instanceById.values(), url.searchParams), version));
  };

  const register = (instance: StubInstance): void => {
    const one = known(instance);
    instanceById.set(idOf(one), one);
  };
  const server = createServer(listener);
  const listening = await listenOn(server, host, port);
  return {
    url: `http://${host}:${listening}`,
    asked,
    register,
    setInstances: (instances) => {
      instanceById.clear();
      const registeredAt = nowNs();
      for (const instance of instances) register({ registeredAt, ...instance });
    },
    fail: (next) => {
      fault = next;
    },
    close: () => shut(server),
  };
};
