import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { listenOn, shut } from '../../local/listening.ts';
import { startTables } from '../../local/tables.ts';
import { pushMsgVector } from '../vectors.ts';

/** The handlers as Lambda calls them, with real tables and comets and no Invoke. */

const PATIENT_MS = 10_000;
/** mergeRooms ends 30 s before its limit. */
const MERGE_MS = 33_000;

let tables: Awaited<ReturnType<typeof startTables>>;
let comets: ReferenceComet[];
let lambda: { url: string; readonly events: unknown[]; close(): Promise<void> };
let clients: Record<'member' | 'named' | 'other', GoimClient>;

const remaining = (ms: number) => ({ getRemainingTimeInMillis: () => ms });
const handlerOf = async (name: 'dispatch' | 'merge-rooms' | 'deliver' | 'redeliver') =>
  (await import(`../../functions/${name}.ts`)).handler;

/** Takes events as Lambda does, and runs nothing. */
const startLambda = async (): Promise<typeof lambda> => {
  const events: unknown[] = [];
  const server = createServer(async (request, response) => {
    events.push(await json(request));
    response.writeHead(202).end();
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${port}`, events, close: () => shut(server) };
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

beforeAll(async () => {
  lambda = await startLambda();
  tables = await startTables({ host: '127.0.0.1', port: 0 });
  comets = await Promise.all(
    ['comet-1', 'comet-2'].map((id) =>
      startReferenceComet({ id, host: '127.0.0.1', clientPort: 0, apiPort: 0 }),
    ),
  );
  clients = await connectAll();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
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
    REDELIVER_FUNCTION: 'goim-job-dev-redeliver',
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    DELIVER_FUNCTION: 'unused',
    DELIVERY: 'inline',
    COMETS: JSON.stringify(Object.fromEntries(comets.map(({ id, apiUrl }) => [id, [apiUrl]]))),
  });
  await (await handlerOf('merge-rooms'))({}, remaining(MERGE_MS));
}, 60_000);

afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await Promise.all(comets.map((comet) => comet.close()));
  await tables.close();
  await lambda.close();
});

beforeEach(async () => {
  vi.resetModules();
  clients = await connectAll();
});

const eventOf = (values: readonly (string | null)[]) => ({
  eventSource: 'aws:kafka',
  records: {
    't-0': values.map((value, offset) => ({
      topic: 't',
      partition: 0,
      offset,
      timestamp: Date.now(),
      value,
    })),
  },
});
const vector = (name: string): string => pushMsgVector(name).eventValueB64;
const bodies = (client: GoimClient): string[] => client.messages.map(({ body }) => String(body));

const scanned = async (table: string) => {
  const client = openDynamoDb();
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  client.destroy();
  return Items;
};

test('mergeRooms leaves the fleet, its header and the rooms in the tables, and frees its lease', async () => {
  const fleet = await scanned('goim-job-dev-fleet');
  expect(fleet.map(({ id }) => id?.S).sort()).toEqual(['#fleet', 'comet-1', 'comet-2']);
  const header = fleet.find(({ id }) => id?.S === '#fleet');
  expect(header?.['fresh']?.SS?.toSorted()).toEqual(['comet-1', 'comet-2']);
  const rooms = await scanned('goim-job-dev-rooms');
  expect(rooms.map(({ room, comets: of }) => [room?.S, of?.SS]).sort()).toEqual([
    ['live://1', ['comet-1']],
    ['live://1000', ['comet-1']],
    ['live://2', ['comet-2']],
  ]);
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
    const [wake] = lambda.events;
    expect(wake).toEqual({ v: 1, comet: 'comet-1', partitions: ['t-0'] });
    expect(await (await handlerOf('redeliver'))(wake, remaining(60_000))).toBe('caught-up');
    await clients.member.waitForMessages(2, PATIENT_MS);
    await clients.named.waitForMessages(1, PATIENT_MS);
    expect([bodies(clients.member), bodies(clients.named)]).toEqual([
      ['{"test":1}', '{"test":1}'],
      ['{"test":1}'],
    ]);
    expect([await scanned('goim-job-dev-parked'), await scanned('goim-job-dev-behind')]).toEqual([[], []]);
  });

  test('parks a push to a comet that nobody knows, and a sweep finds it', async () => {
    lambda.events.length = 0;
    const dispatch = await handlerOf('dispatch');
    const unknown = encodeV2({
      target: { type: 'push', comet: 'comet-9', keys: ['k'] },
      operation: 1000,
      body: Buffer.from('x'),
    });
    await dispatch(eventOf([unknown.value.toString('base64')]), remaining(60_000));
    expect(lambda.events).toEqual([]);
    expect(await (await handlerOf('redeliver'))({ source: 'aws.events' }, remaining(60_000))).toBe('swept');
    expect(lambda.events).toEqual([{ v: 1, comet: 'comet-9', partitions: ['t-0'] }]);
  });
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
