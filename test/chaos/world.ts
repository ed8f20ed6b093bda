import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type InvokeRequest, startInvokeServer } from '../../local/invoke-api/server.ts';
import { tableVariables } from '../../local/set/function-environment.ts';
import { tableNames } from '../../local/tables.ts';
import { createTopic, type Topic } from '../../local/topic/topic.ts';
import { createRandom, type Random } from '../random.ts';
import { type ChaosComet, startComet, type Wire } from './comets.ts';
import { createFaultCounts, type FaultCounts } from './fault-counts.ts';
import { type CallOptions, type FunctionName, type Functions, openFunctions } from './functions.ts';
import { createInvokeFaults } from './invoke-faults.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { openRegistry, type Registry, type RegistryKind } from './registry.ts';
import { createReplays, type Replays } from './replays.ts';
import { installSandboxes } from './sandbox.ts';
import { COMET_IDS, makeSeats, type Seat } from './seating.ts';
import { type Audience, openAudience } from './seats.ts';
import { type Source, startSource } from './source.ts';
import type { Break } from './tables/breaks.ts';
import { startTableProxy, type TableProxy } from './tables/proxy.ts';
import type { TableRequest } from './tables/wire.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly registry: RegistryKind;
  readonly broken?: Break | undefined;
  readonly onInversion: (text: string) => void;
  /** Each first application, by whether the comet was well while another one was not. */
  readonly onDelay: (delayMs: number, wellWhileOtherIll: boolean) => void;
  readonly log: (line: string) => void;
}

/** Everything that stands in for AWS, Kafka, the gateways and the clients, with the functions as they are deployed. */
export interface World {
  readonly random: Random;
  readonly topic: Topic;
  readonly ledger: Ledger;
  readonly seats: readonly Seat[];
  readonly comets: readonly ChaosComet[];
  readonly registry: Registry;
  readonly tables: TableProxy;
  readonly tableNames: Readonly<Record<string, string>>;
  readonly functions: Functions;
  readonly invokes: ReturnType<typeof createInvokeFaults>;
  readonly source: Source;
  readonly audience: Audience;
  readonly replays: Replays;
  readonly faults: FaultCounts;
  readonly log: (line: string) => void;
  /** What starts from now on has another configuration, that of a name; `''` is the first one. What runs keeps its own. */
  deploy(configuration: string): void;
  /** How deletes of marks are met. */
  readonly unmark: { lateMs: () => number; replays: () => boolean };
  close(): Promise<void>;
}

const TOPIC = 'goim-push-topic';
const SERVICE = 'goim-job-dev';

const FUNCTION_BY_NAME: Readonly<Record<string, FunctionName>> = {
  [`${SERVICE}-deliver`]: 'deliver',
  [`${SERVICE}-redeliver`]: 'redeliver',
};

const setEnvironment = (names: Readonly<Record<string, string>>): void => {
  delete process.env['AWS_SESSION_TOKEN'];
  delete process.env['AWS_PROFILE'];
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? 'SILENT',
    ...tableVariables(names),
    DELIVER_FUNCTION: `${SERVICE}-deliver`,
    REDELIVER_FUNCTION: `${SERVICE}-redeliver`,
  });
};

/** In a process of its own, so that it has a core of its own. */
const startTablesChild = async () => {
  const child = fork(new URL('./tables/child.ts', import.meta.url));
  const [endpoint] = (await once(child, 'message')) as [string];
  return { endpoint, close: () => child.disconnect() };
};

/** One sandbox in three calls the comets itself: both ways are in use. */
const INLINE_SHARE = 1 / 3;

export const startWorld = async (options: WorldOptions): Promise<World> => {
  installSandboxes();
  const names = tableNames();
  setEnvironment(names);
  const random = createRandom(options.seed);
  const faults = createFaultCounts();
  const seats = makeSeats(random);
  const { comets, ledger } = await startComets(options, seats);
  const cometById = new Map(comets.map((comet) => [comet.id, comet]));
  const registry = await openRegistry(options.registry, comets);
  let configured: Record<string, string> = {};
  const functions = openFunctions((name) => {
    if (name === 'mergeRooms') return { ...registry.env(), ...configured };
    if (name === 'redeliver') return configured;
    return name === 'dispatch' ? { DELIVERY: random.chance(INLINE_SHARE) ? 'inline' : 'invoke' } : {};
  });
  const child = await startTablesChild();
  const unmark: World['unmark'] = { lateMs: () => 0, replays: () => false };
  let replays: Replays | undefined;

  const tables = await startTableProxy({
    endpoint: child.endpoint,
    isDead: functions.isDead,
    kill: functions.kill,
    random: random.next,
    maxLagMs: options.broken === 'consistent-read' ? 1_500 : 900,
    broken: options.broken,
    onRequest: (request) => meetUnmark(request, unmark, replays, faults),
  });
  const invokes = createInvokeFaults();
  const lambda = await startInvokeServer({
    isDead: functions.isDead,
    take: invokes.take,
    run: (request, fault) => runInvoke(functions, request, fault, random),
  });
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = tables.url;
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url;

  const topic = createTopic({ name: TOPIC });
  const dispatch = (event: unknown, callOptions: CallOptions = {}) =>
    functions.call('dispatch', event, callOptions);
  replays = createReplays({
    topic: TOPIC,
    ledger,
    random: createRandom(options.seed + 1),
    tables: { behind: names['BehindTable'] ?? '', parked: names['ParkedTable'] ?? '' },
    redeliverFunction: `${SERVICE}-redeliver`,
    dispatch,
  });
  const source = startSource({
    topic,
    ledger,
    random: createRandom(options.seed + 2),
    dispatch,
    log: options.log,
  });
  const audience = openAudience(seats, cometById, ledger);
  return {
    random,
    topic,
    ledger,
    seats,
    comets,
    registry,
    tables,
    tableNames: names,
    functions,
    invokes,
    source,
    audience,
    replays,
    faults,
    log: options.log,
    deploy: (configuration) => {
      // No comet here looks at it.
      configured = configuration === '' ? {} : { COMET_TOKEN: configuration };
    },
    unmark,
    close: async () => {
      await source.stop();
      functions.killAll();
      await audience.close();
      await Promise.all([
        lambda.close(),
        tables.close(),
        registry.close(),
        ...comets.map((one) => one.close()),
      ]);
      child.close();
    },
  };
};

/** Of the comets that COMETS names. */
const STATIC_WIRES: readonly Wire[] = ['http', 'grpc', 'gorpc', 'gorpc'];

const startComets = async ({ registry, onInversion, onDelay }: WorldOptions, seats: readonly Seat[]) => {
  const comets: ChaosComet[] = [];
  const isWell = (id: string) => comets.some((comet) => comet.id === id && !comet.isIll(3_000));
  const ledger = createLedger({
    seats,
    onInversion,
    onFirst: (id, delayMs) =>
      onDelay(delayMs, isWell(id) && comets.some((comet) => comet.id !== id && comet.isIll(0))),
  });
  for (const [index, id] of COMET_IDS.entries()) {
    // discovery knows goim v2's comets alone.
    const wire = registry === 'static' ? (STATIC_WIRES[index] ?? 'http') : 'grpc';
    comets.push(await startComet(id, wire, (op) => ledger.applied(id, op)));
  }
  return { comets, ledger };
};

/** While a mark is about to be deleted, the interesting things happen. */
const meetUnmark = (
  { sandbox, operation, body }: TableRequest,
  unmark: World['unmark'],
  replays: Replays | undefined,
  faults: FaultCounts,
): Promise<void> | undefined => {
  if (operation !== 'DeleteItem' || !body.TableName?.endsWith('-behind') || sandbox === '') return undefined;
  const lateMs = unmark.lateMs();
  const partition = Number(String(body.Key?.['partition']?.['S']).split('-').at(-1));
  const comet = String(body.Key?.['comet']?.['S']);
  const replayed = unmark.replays() ? replays?.park({ comet, partition }) : undefined;
  if (lateMs <= 0 && replayed === undefined) return undefined;
  const wait = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, lateMs));
    const done = await replayed?.catch(() => false);
    if (done !== true) return;
    faults.struck('replay: while a mark is deleted');
    faults.hit('replay: while a mark is deleted');
  };
  return wait();
};

const runInvoke = async (
  functions: Functions,
  { functionName, payload, isEvent }: InvokeRequest,
  fault: string | undefined,
  random: Random,
): Promise<unknown> => {
  const name = FUNCTION_BY_NAME[functionName];
  if (name === undefined) throw new Error(`no function ${functionName}`);
  const dies = fault === 'crash';
  const limit = isEvent ? { limitMs: random.int(38_000, 75_000) } : {};
  const answer = await functions.call(name, payload, {
    ...limit,
    ...(dies ? { killAfterMs: random.int(1, isEvent ? 2_000 : 40) } : {}),
  });
  if (fault === 'time-out') await new Promise((resolve) => setTimeout(resolve, random.int(200, 1_500)));
  if (dies || fault === 'time-out')
    throw Object.assign(new Error('a fault that was asked for'), { name: 'Sandbox.Timedout' });
  return answer;
};
