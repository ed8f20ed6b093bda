import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Op } from '../../lib/domain/op.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { listenOn, shut } from '../../local/listening.ts';
import { startDiscoveryStub } from '../registry/discovery/stub.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { pushMsgVector } from '../vectors.ts';
import { allowedFor, type FunctionFile, startGate } from './gate.ts';

/** The handlers as Lambda calls them, with real tables and comets and no Invoke. */

interface LambdaCall {
  readonly name: string;
  readonly event: unknown;
}

const PATIENT_MS = 10_000;
const DELIVER = 'goim-job-dev-deliver';
const REDELIVER = 'goim-job-dev-redeliver';
const TOKEN = 'the-token';
/** As much as the producer of goim's logic puts into a record. */
const MAX_BODY_BYTES = 1_000_000;
const THROTTLED = { 'x-amzn-ErrorType': 'TooManyRequestsException' };
const TWO_MINUTES_MS = 120_000;
const AN_HOUR_MS = 3_600_000;

let tables: TestTables;
let gate: Awaited<ReturnType<typeof startGate>>;
let comets: ReferenceComet[];
let lambda: { url: string; readonly calls: LambdaCall[]; close(): Promise<void> };
let opsByComet: Record<string, Op[]>;
let mergedAt: number;
let clients: Record<'member' | 'named' | 'other', GoimClient>;

const remaining = (ms: number) => ({ getRemainingTimeInMillis: () => ms });
/** Built on its first call: with the tables as its role allows them. */
const handlerOf = async (file: FunctionFile) => {
  const { handler } = await import(`../../functions/${file}.ts`);
  return (event: unknown, context: object) => {
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = gate.endpoint(file);
    return handler(event, context);
  };
};

/** Throttles the first Invoke of `deliver` and runs the others; takes events of any other function and runs nothing. */
const startLambda = async (): Promise<typeof lambda> => {
  const calls: LambdaCall[] = [];
  const server = createServer(async (request, response) => {
    const call = { name: request.url?.split('/')[3] ?? '', event: await json(request) };
    calls.push(call);
    if (call.name !== DELIVER) response.writeHead(202).end();
    else if (calls.length === 1) response.writeHead(429, THROTTLED).end('{}');
    else response.end(JSON.stringify(await (await handlerOf('deliver'))(call.event, remaining(15_000))));
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}`, calls, close: () => shut(server) };
};

/** What the functions write while `run` does: log lines and metrics. */
const writtenBy = async (run: () => Promise<unknown>): Promise<string> => {
  let written = '';
  const keep = (text: unknown): boolean => {
    written += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write'),
    vi.spyOn(process.stderr, 'write'),
    vi.spyOn(console, 'log'),
  ];
  for (const spy of spies) spy.mockImplementation(keep as () => boolean);
  try {
    await run();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
};

/** As a deployer sets variables, for one test. */
const configure = (variables: Record<string, string>): void => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
};

/** Answers the two requests of a first chunk, the second one 4.5 s later by the clock; the third only after 2.5 s. */
const startSlowComet = async () => {
  const requests: string[] = [];
  const clock = vi.spyOn(Date, 'now');
  const server = createServer(async (request, response) => {
    const { ops } = (await json(request)) as { ops: unknown[] };
    const answer = () =>
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ done: ops.length }));
    if (requests.length < 2) {
      requests.push('answered');
      const later = Date.now() + 4_500;
      if (requests.length === 2) clock.mockImplementation(() => later);
      answer();
      return;
    }
    const late = setTimeout(() => requests.push('answered') && answer(), 2_500);
    response.on('close', () => {
      clearTimeout(late);
      if (!response.writableEnded) requests.push('given up');
    });
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  onTestFinished(async () => {
    clock.mockRestore();
    await shut(server);
  });
  return { address: `http://127.0.0.1:${port}`, requests };
};

/** Older connections of the same keys are closed. */
const connectAll = async (): Promise<typeof clients> => {
  const [one, two] = comets as [ReferenceComet, ReferenceComet];
  const connect = (url: string, key: string, roomId: string) =>
    connectGoimClient({ url, key, roomId, accepts: [1000] });
  return {
    member: await connect(one.clientUrl, 'm', 'live://1000'),
    named: await connect(one.clientUrl, 'k1', 'live://1'),
    other: await connect(two.clientUrl, 'o', 'live://2'),
  };
};

const scanned = async (table: string) => {
  const client = openDynamoDb({ endpoint: tables.endpoint });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  client.destroy();
  return Items;
};

const freshComets = async (): Promise<string[]> => {
  const fleet = await scanned('goim-job-dev-fleet');
  return fleet.find(({ id }) => id?.S === '#fleet')?.['fresh']?.SS?.toSorted() ?? [];
};

/** mergeRooms for as long as it needs; then its time is over at once. */
const mergeUntil = async (isReached: () => unknown): Promise<void> => {
  const mergeRooms = await handlerOf('merge-rooms');
  const clock = vi.spyOn(Date, 'now');
  const merging = mergeRooms({}, remaining(AN_HOUR_MS));
  await vi.waitFor(isReached, { timeout: 60_000 });
  const later = Date.now() + AN_HOUR_MS;
  clock.mockImplementation(() => later);
  await merging;
  clock.mockRestore();
};

beforeAll(async () => {
  lambda = await startLambda();
  tables = await startTestTables();
  gate = await startGate(tables.endpoint);
  opsByComet = { 'comet-1': [], 'comet-2': [] };
  comets = await Promise.all(
    Object.entries(opsByComet).map(([id, ops]) =>
      startReferenceComet({
        id,
        host: '127.0.0.1',
        clientPort: 0,
        apiPort: 0,
        token: () => TOKEN,
        maxBodyBytes: MAX_BODY_BYTES,
        onOp: (op) => void ops.push(op),
      }),
    ),
  );
  clients = await connectAll();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'CRITICAL',
    FLEET_TABLE: 'goim-job-dev-fleet',
    ROOMS_TABLE: 'goim-job-dev-rooms',
    LEASES_TABLE: 'goim-job-dev-leases',
    DEAD_LETTERS_TABLE: 'goim-job-dev-dead-letters',
    BEHIND_TABLE: 'goim-job-dev-behind',
    PARKED_TABLE: 'goim-job-dev-parked',
    REDELIVER_FUNCTION: REDELIVER,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    DELIVER_FUNCTION: DELIVER,
    COMET_TOKEN: TOKEN,
    DELIVERY: 'inline',
    COMETS: JSON.stringify(Object.fromEntries(comets.map(({ id, apiUrl }) => [id, [apiUrl]]))),
  });
  await mergeUntil(async () => expect(await freshComets()).toEqual(['comet-1', 'comet-2']));
  mergedAt = Date.now();
}, 120_000);

afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await Promise.all(comets.map((comet) => comet.close()));
  await gate.close();
  await tables.close();
  await lambda.close();
});

beforeEach(async () => {
  vi.resetModules();
  lambda.calls.length = 0;
  for (const ops of Object.values(opsByComet)) ops.length = 0;
  clients = await connectAll();
});

const eventOf = (values: readonly (string | null)[], { ageMs = 0, replayed = false } = {}) => ({
  eventSource: 'aws:kafka',
  ...(replayed && { replayed }),
  records: {
    't-0': values.map((value, offset) => ({
      topic: 't',
      partition: 0,
      offset,
      timestamp: Date.now() - ageMs,
      value,
    })),
  },
});
const toAll = (body: string): string =>
  encodeV2({ target: { type: 'all', speed: 0 }, operation: 1000, body: Buffer.from(body) }).value.toString(
    'base64',
  );
const vector = (name: string): string => pushMsgVector(name).eventValueB64;
const bodies = (client: GoimClient): string[] => client.messages.map(({ body }) => String(body));

test('mergeRooms leaves the fleet, its header and the rooms in the tables, and frees its lease', async () => {
  const fleet = await scanned('goim-job-dev-fleet');
  expect(fleet.map(({ id }) => id?.S).sort()).toEqual(['#fleet', 'comet-1', 'comet-2']);
  expect(await freshComets()).toEqual(['comet-1', 'comet-2']);
  const rooms = await scanned('goim-job-dev-rooms');
  expect(rooms.map(({ room, comets: of }) => [room?.S, of?.SS]).sort()).toEqual([
    ['live://1', ['comet-1']],
    ['live://1000', ['comet-1']],
    ['live://2', ['comet-2']],
  ]);
});

test('mergeRooms wakes redeliver for what waits for a comet that is not in the fleet', async () => {
  const client = openDynamoDb({ endpoint: tables.endpoint });
  onTestFinished(() => client.destroy());
  const key = { partition: { S: 't-9' }, comet: { S: 'comet-9' } };
  const Item = { ...key, parkedThrough: { N: '1' }, token: { S: 'x' } };
  await client.send(new PutItemCommand({ TableName: 'goim-job-dev-behind', Item }));
  await mergeUntil(() => expect(lambda.calls).not.toEqual([]));
  await client.send(new DeleteItemCommand({ TableName: 'goim-job-dev-behind', Key: key }));
  expect(lambda.calls[0]).toEqual({
    name: REDELIVER,
    event: { v: 1, comet: 'comet-9', partitions: ['t-9'] },
  });
});

describe('dispatch with DELIVERY=inline', () => {
  test('brings goim’s records to exactly the connections that should have them', async () => {
    const dispatch = await handlerOf('dispatch');
    const room = vector('ROOM');
    await dispatch(eventOf([vector('PUSH'), room, vector('BROADCAST'), room]), remaining(60_000));
    await Promise.all([
      clients.member.waitForMessages(3, PATIENT_MS),
      clients.named.waitForMessages(2, PATIENT_MS),
      clients.other.waitForMessages(1, PATIENT_MS),
    ]);
    const body = '{"test":1}';
    expect([clients.member, clients.named, clients.other].map(bodies)).toEqual([
      [body, body, body],
      [body, body],
      [body],
    ]);
  });

  test('stores what it cannot use, and goes on', async () => {
    const dispatch = await handlerOf('dispatch');
    await dispatch(eventOf([null, '???', vector('BROADCAST')]), remaining(60_000));
    await clients.other.waitForMessages(1, PATIENT_MS);
    const letters = await scanned('goim-job-dev-dead-letters');
    expect(letters.map(({ id, reason }) => `${id?.S} ${reason?.S}`).sort()).toEqual([
      't/0/0#malformed value-empty',
      't/0/1#malformed value-not-base64',
    ]);
  });

  test('parks what a comet does not take, and redeliver brings it in order once the comet is back', async () => {
    const dispatch = await handlerOf('dispatch');
    const [one] = comets as [ReferenceComet];
    await one.stop();
    await dispatch(eventOf([vector('ROOM')]), remaining(60_000));
    await one.start();
    await dispatch(eventOf([vector('PUSH'), vector('ROOM')]), remaining(60_000));
    expect(bodies(clients.member)).toEqual([]);
    const [wake] = lambda.calls;
    expect(wake).toEqual({ name: REDELIVER, event: { v: 1, comet: 'comet-1', partitions: ['t-0'] } });
    expect(await (await handlerOf('redeliver'))(wake?.event, remaining(60_000))).toBe('caught-up');
    await clients.member.waitForMessages(2, PATIENT_MS);
    await clients.named.waitForMessages(1, PATIENT_MS);
    expect([bodies(clients.member), bodies(clients.named)]).toEqual([
      ['{"test":1}', '{"test":1}'],
      ['{"test":1}'],
    ]);
    expect([await scanned('goim-job-dev-parked'), await scanned('goim-job-dev-behind')]).toEqual([[], []]);
  });

  test('parks a push to a comet that nobody knows, and a sweep finds it', async () => {
    const dispatch = await handlerOf('dispatch');
    const unknown = encodeV2({
      target: { type: 'push', comet: 'comet-9', keys: ['k'] },
      operation: 1000,
      body: Buffer.from('x'),
    });
    await dispatch(eventOf([unknown.value.toString('base64')]), remaining(60_000));
    expect(lambda.calls).toEqual([]);
    expect(await (await handlerOf('redeliver'))({ source: 'aws.events' }, remaining(60_000))).toBe('swept');
    expect(lambda.calls).toEqual([
      { name: REDELIVER, event: { v: 1, comet: 'comet-9', partitions: ['t-0'] } },
    ]);
  });

  test.each([
    ['unset', {}, [1, 0]],
    ['all', { ROOM_ROUTING: 'all' }, [1, 1]],
  ])('brings a room’s message to so many comets with ROOM_ROUTING %s', async (_name, variables, counts) => {
    configure(variables);
    vi.useFakeTimers({ toFake: ['Date'], now: mergedAt });
    onTestFinished(() => void vi.useRealTimers());
    await (await handlerOf('dispatch'))(eventOf([vector('ROOM')]), remaining(60_000));
    expect(Object.values(opsByComet).map(({ length }) => length)).toEqual(counts);
  });

  test('drops what is older than MESSAGE_TTL_S, unless it is replayed', async () => {
    configure({ MESSAGE_TTL_S: '60' });
    const dispatch = await handlerOf('dispatch');
    await dispatch(eventOf([toAll('stale')], { ageMs: TWO_MINUTES_MS }), remaining(60_000));
    await dispatch(eventOf([toAll('again')], { ageMs: TWO_MINUTES_MS, replayed: true }), remaining(60_000));
    await clients.other.waitForMessages(1, PATIENT_MS);
    expect(bodies(clients.other)).toEqual(['again']);
  });

  test('parks what is replayed as such, so that redeliver drops by MESSAGE_TTL_S only the others', async () => {
    const dispatch = await handlerOf('dispatch');
    const [, two] = comets as [ReferenceComet, ReferenceComet];
    await two.stop();
    await dispatch(eventOf([toAll('stale')], { ageMs: TWO_MINUTES_MS }), remaining(60_000));
    await dispatch(eventOf([toAll('again')], { ageMs: TWO_MINUTES_MS, replayed: true }), remaining(60_000));
    await two.start();
    configure({ MESSAGE_TTL_S: '60' });
    const redeliver = await handlerOf('redeliver');
    expect(await redeliver(lambda.calls[0]?.event, remaining(60_000))).toBe('caught-up');
    await clients.other.waitForMessages(1, PATIENT_MS);
    expect(bodies(clients.other)).toEqual(['again']);
  });

  test('takes a record that Kafka gave no time for a new one', async () => {
    configure({ MESSAGE_TTL_S: '60' });
    const event = eventOf([toAll('timeless')]);
    for (const record of event.records['t-0']) record.timestamp = -1;
    await (await handlerOf('dispatch'))(event, remaining(60_000));
    await clients.other.waitForMessages(1, PATIENT_MS);
    expect(bodies(clients.other)).toEqual(['timeless']);
  });

  test('parks without a call what it could not settle any more before Lambda stops it, and so does redeliver', async () => {
    await (await handlerOf('dispatch'))(eventOf([vector('PUSH')]), remaining(31_000));
    const [wake] = lambda.calls;
    const redeliver = await handlerOf('redeliver');
    expect(await redeliver(wake?.event, remaining(29_000))).toBe('behind');
    expect(opsByComet).toEqual({ 'comet-1': [], 'comet-2': [] });
    expect(await redeliver(wake?.event, remaining(60_000))).toBe('caught-up');
    expect(opsByComet['comet-1']).toHaveLength(1);
  });

  test('gives a comet that was slow for its first ops only what is left of its time for the next', async () => {
    const { address, requests } = await startSlowComet();
    const client = openDynamoDb({ endpoint: tables.endpoint });
    onTestFinished(() => client.destroy());
    const Item = { id: { S: 'comet-slow' }, addresses: { L: [{ S: address }] } };
    await client.send(new PutItemCommand({ TableName: 'goim-job-dev-fleet', Item }));
    const body = Buffer.alloc(200_000);
    const large = encodeV2({
      target: { type: 'push', comet: Item.id.S, keys: ['k'] },
      operation: 1000,
      body,
    });
    const values = Array.from({ length: 25 }, () => large.value.toString('base64'));
    await (await handlerOf('dispatch'))(eventOf(values), remaining(60_000));
    await expect.poll(() => requests).toEqual(['answered', 'answered', 'given up']);
  });

  test('parks what redeliver then buries, since the comet refuses it', async () => {
    const dispatch = await handlerOf('dispatch');
    const [, two] = comets as [ReferenceComet, ReferenceComet];
    await two.stop();
    const tooLarge = toAll('x'.repeat(MAX_BODY_BYTES + 1));
    await dispatch(eventOf([tooLarge]), remaining(60_000));
    await two.start();
    const wake = lambda.calls.find(({ event }) => JSON.stringify(event).includes(two.id));
    expect(await (await handlerOf('redeliver'))(wake?.event, remaining(60_000))).toBe('caught-up');
    const letters = await scanned('goim-job-dev-dead-letters');
    expect(letters.map(({ id }) => id?.S)).toContain('t/0/0#comet-2#refused');
  });
});

test.each(['invoke', 'inline'])(
  'dispatch with DELIVERY=%s delivers the largest records of goim’s logic',
  async (way) => {
    configure({ DELIVERY: way });
    const dispatch = await handlerOf('dispatch');
    const keys = Array.from({ length: 27_000 }, (_, at) => `0b5a1d1e-5c0b-4a9b-8a43-${at}`);
    const target = { type: 'push', comet: 'comet-1', keys: ['k1', ...keys] } as const;
    const toKeys = encodeV2({ target, operation: 1000, body: Buffer.from('to many') });
    const largest = 'x'.repeat(MAX_BODY_BYTES - 100);
    await dispatch(eventOf([toAll(largest), toKeys.value.toString('base64')]), remaining(60_000));
    await clients.named.waitForMessages(2, PATIENT_MS);
    await clients.other.waitForMessages(1, PATIENT_MS);
    expect(bodies(clients.named).toSorted()).toEqual(['to many', largest]);
    expect(bodies(clients.other)).toEqual([largest]);
  },
);

test('dispatch with DELIVERY=invoke delivers through DELIVER_FUNCTION, and counts each further attempt', async () => {
  configure({ DELIVERY: 'invoke', POWERTOOLS_METRICS_DISABLED: 'false' });
  const dispatch = await handlerOf('dispatch');
  const written = await writtenBy(() => dispatch(eventOf([vector('PUSH')]), remaining(60_000)));
  expect(lambda.calls.map(({ name }) => name)).toEqual([DELIVER, DELIVER]);
  expect(written).toContain('"Retried":1');
  await clients.named.waitForMessages(1, PATIENT_MS);
});

test.each(['dispatch', 'deliver'] as const)('%s says that a comet did not take its ops', async (file) => {
  configure({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  const handler = await handlerOf(file);
  const op = { id: 't/0/1', type: 'all', operation: 1000, body: 'eA==', timestamp: 5, speed: 0 };
  const comet = { id: 'comet-down', addresses: ['http://127.0.0.1:1'] };
  const down = { v: 1, comet, timeoutMs: 5_000, ops: [op] };
  const [one] = comets as [ReferenceComet];
  if (file === 'dispatch') await one.stop();
  const event = file === 'dispatch' ? eventOf([vector('PUSH')]) : down;
  const written = await writtenBy(() => handler(event, remaining(60_000)));
  if (file === 'dispatch') await one.start();
  expect(written).toContain('comet did not take its ops');
});

test('deliver answers a delivery payload', async () => {
  const deliver = await handlerOf('deliver');
  const [one] = comets as [ReferenceComet];
  const op = { id: 't/0/1', type: 'room', room: 'live://1000', operation: 1000, body: 'eA==', timestamp: 5 };
  const comet = { id: one.id, addresses: [one.apiUrl] };
  expect(await deliver({ v: 1, comet, timeoutMs: 5_000, ops: [op] }, remaining(15_000))).toEqual({
    v: 1,
    count: 1,
    dropped: [],
    undelivered: [],
  });
  await clients.member.waitForMessages(1, PATIENT_MS);
});

test('mergeRooms asks discovery for the app, environment and zone that are configured', async () => {
  const stub = await startDiscoveryStub({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => stub.close());
  configure({
    REGISTRY: 'discovery',
    DISCOVERY_URLS: stub.url,
    DISCOVERY_APPID: 'live.comet',
    DISCOVERY_ENV: 'uat',
    DISCOVERY_ZONE: 'sh002',
  });
  await mergeUntil(() =>
    expect(Object.fromEntries(stub.asked[0] ?? [])).toEqual({
      appid: 'live.comet',
      env: 'uat',
      zone: 'sh002',
      status: '1',
    }),
  );
});

test('mergeRooms begins no pass in the last 30 s that Lambda leaves it', async () => {
  const stub = await startDiscoveryStub({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => stub.close());
  configure({
    REGISTRY: 'discovery',
    DISCOVERY_URLS: stub.url,
    DISCOVERY_APPID: 'live.comet',
    DISCOVERY_ENV: 'uat',
  });
  await (await handlerOf('merge-rooms'))({}, remaining(30_000));
  expect(stub.asked).toEqual([]);
});

test('mergeRooms takes a comet from the table that is configured', async () => {
  const [one] = comets as [ReferenceComet];
  const Item = { id: { S: 'comet-3' }, addresses: { L: [{ S: one.apiUrl }] } };
  const client = openDynamoDb({ endpoint: tables.endpoint });
  onTestFinished(() => client.destroy());
  await client.send(new PutItemCommand({ TableName: 'goim-job-dev-comets', Item }));
  configure({ REGISTRY: 'table', COMETS_TABLE: 'goim-job-dev-comets' });
  await mergeUntil(async () =>
    expect(await scanned('goim-job-dev-fleet')).toContainEqual(expect.objectContaining(Item)),
  );
});

/** What a function may do for a case that none of these tests has. */
const RARE: Partial<Record<FunctionFile, readonly string[]>> = {
  // Puts what is left of a run in its place, when a comet took a part of it.
  redeliver: ['PutItem ParkedTable'],
  // Reads rooms again that another merge may have written meanwhile.
  'merge-rooms': ['BatchGetItem RoomsTable'],
};

test.each(['dispatch', 'deliver', 'redeliver', 'merge-rooms'] as const)(
  'the role of %s allows what it did to the tables in these tests, and no more',
  (file) => {
    expect([...gate.usedBy(file), ...(RARE[file] ?? [])].sort()).toEqual(allowedFor(file).sort());
  },
);
