import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MERGE_INTERVAL_MS, VIEW_TTL_MS } from '../../lib/domain/limits.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { produceTo } from '../../local/commands/produce.ts';
import { encodeV1, encodeV2, type PushRecord, type PushTarget } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { allPorts, ensureFree, portsFrom } from '../../local/ports.ts';
import { tableNames } from '../../local/tables.ts';
import { freePortBase, type LocalProcess, startServerless, startSet } from './local-process.ts';

const READY_MS = 90_000;
const ARRIVAL_MS = 60_000;
const TEST_MS = 120_000;
const TOPIC = 'goim-push-topic';
const CLIENTS = {
  alice: { comet: 0, roomId: 'live://1', accepts: [1000] },
  bob: { comet: 1, roomId: 'live://1', accepts: [1000] },
  carol: { comet: 1, roomId: 'live://2', accepts: [2000, 5] },
  dave: { comet: 0, roomId: '1000', accepts: [] },
  /** Of goim v1, as is the comet. */
  erin: { comet: 2, roomId: '1000', accepts: [], version: 0 },
} as const;
const POISON = [
  { value: [0x08], reason: 'protobuf-malformed' },
  { value: [0x08, 0x07], reason: 'type-unknown' },
  { value: Buffer.from('{'), reason: 'json-malformed' },
  { value: Buffer.from('{}'), reason: 'json-wrong-type' },
  { value: [], reason: 'value-empty' },
];
type Name = keyof typeof CLIENTS;

let base: number;
let local: LocalProcess;
let clients: Record<Name, GoimClient>;

const openTables = () =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${base + 1}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
const topicUrl = () => `http://127.0.0.1:${base}`;
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: ARRIVAL_MS, interval: 100 });
const v2 = (target: PushTarget, body: string, operation = 1000): PushRecord =>
  encodeV2({ target, operation, body: Buffer.from(body) });
const toKeys = (comet: string, ...keys: [string, ...string[]]): PushTarget => ({ type: 'push', comet, keys });
const toRoom = (room: string): PushTarget => ({ type: 'room', room });
const TO_ALL: PushTarget = { type: 'all', speed: 0 };
const produce = (...records: PushRecord[]) => produceTo(topicUrl(), TOPIC, records);
const fault = (comet: string, what: string) =>
  fetch(`${topicUrl()}/comets/${comet}/${what}`, { method: 'POST' });

/** First deliveries in their order: repeats are allowed. */
const received = (name: Name, prefix = ''): string[] => {
  const bodies = clients[name].messages.map(({ body }) => body.toString());
  return [...new Set(bodies)].filter((body) => body.startsWith(prefix));
};
const numbered = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${prefix}${from + index}`);

const connectAll = async (): Promise<Record<Name, GoimClient>> => {
  const ports = portsFrom(base);
  const connections = Object.entries(CLIENTS).map(async ([key, { comet, ...client }]) => {
    const url = `ws://127.0.0.1:${ports.comets[comet]?.clients}/sub`;
    return [key, await connectGoimClient({ url, key, ...client })] as const;
  });
  return Object.fromEntries(await Promise.all(connections)) as Record<Name, GoimClient>;
};

/** A room's first member on a comet is seen after the next merge and the next turn of the cache. */
const untilRoomsAreSeen = async () => {
  const client = openTables();
  const rooms = createRoomsTable(client, tableNames()['RoomsTable'] ?? '');
  await eventually(async () => {
    const comets = await rooms.readRooms(['live://1', 'live://2', '1000']);
    expect([...comets].map(([room, ids]) => [room, [...ids].sort()])).toEqual(
      expect.arrayContaining([
        ['live://1', ['comet-1', 'comet-2']],
        ['live://2', ['comet-2']],
        ['1000', ['3', 'comet-1']],
      ]),
    );
  });
  await delay(MERGE_INTERVAL_MS + VIEW_TTL_MS);
  client.destroy();
};

beforeAll(async () => {
  base = await freePortBase();
  local = startSet({}, '--port-base', `${base}`);
  await local.waitFor(/^ready/m, READY_MS);
  clients = await connectAll();
  await untilRoomsAreSeen();
}, READY_MS + ARRIVAL_MS);

afterAll(async () => {
  await Promise.all(Object.values(clients ?? {}).map((client) => client.close().catch(() => {})));
  local?.kill('SIGKILL');
  await local?.ended;
});

describe('the local set', () => {
  it('has shown a push of each kind before it was ready', () => {
    const [shown] = local.output().split(/^ready/m);
    expect(shown).toMatch(/keys.*demo-1 after \d+ ms/);
    expect(shown).toMatch(/room: live.*demo-1 after \d+ ms, demo-2 after \d+ ms/);
    expect(shown).toMatch(/all.*demo-1 .*demo-2 .*demo-3 .*demo-4 after \d+ ms/);
    expect(shown).toMatch(/room.*v1.*demo-3 .*demo-4 after \d+ ms/);
    expect(shown).toMatch(/keys.*v1.*demo-4 after \d+ ms/);
  });

  it(
    'brings each push to exactly the clients it is for',
    async () => {
      const v1Room = encodeV1({ target: toRoom('1000'), body: Buffer.from('v1 room') });
      const v1Keys = encodeV1({ target: toKeys('3', 'erin'), body: Buffer.from('v1 erin') });
      const v1All = encodeV1({ target: TO_ALL, body: Buffer.from('v1 all') });
      await produce(
        v2(toKeys('comet-1', 'alice'), 'alice'),
        v2(toKeys('comet-2', 'bob', 'carol', 'nobody'), 'bob'),
        v2(toKeys('comet-2', 'alice'), 'alice is not there'),
        v2(toKeys('comet-1', 'alice'), 'not accepted', 3000),
        v2(toRoom('live://1'), 'room 1', 4000),
        v2(toRoom('live://none'), 'empty room'),
        v2(TO_ALL, 'all 1000'),
        v2(TO_ALL, 'all 2000', 2000),
        v1Room,
        v1Keys,
        v1All,
      );
      const expected = {
        alice: ['alice', 'room 1', 'all 1000'],
        bob: ['bob', 'room 1', 'all 1000'],
        carol: ['all 2000', 'v1 all'],
        dave: ['v1 room'],
        // A comet of v1 filters nothing by operation.
        erin: ['v1 room', 'v1 erin', 'v1 all', 'all 1000', 'all 2000'],
      };
      for (const name of Object.keys(expected) as Name[]) {
        await eventually(() => expect(received(name)).toEqual(expect.arrayContaining(expected[name])));
      }
      // Whatever came before in any partition is done once these have come.
      await produceTo(
        topicUrl(),
        TOPIC,
        [0, 1, 2, 3].map((partition) => ({ ...v2(toRoom('live://1'), `end ${partition}`), partition })),
      );
      await eventually(() => expect(received('alice', 'end')).toHaveLength(4));
      for (const name of Object.keys(expected) as Name[]) {
        const bodies = received(name).filter((body) => !body.startsWith('end'));
        expect(bodies.sort()).toEqual(expected[name].sort());
      }
    },
    TEST_MS,
  );

  it('says a line a batch, and on stderr only what goes wrong', async () => {
    await local.waitFor(/^dispatch: \d+ records of \d partitions, \d+ ms$/m, ARRIVAL_MS);
    // On a machine that is busy a comet that starts may be late with its first list.
    const lines = local
      .errors()
      .split('\n')
      .filter((line) => !line.includes('does not answer with its rooms'));
    expect(lines.join('\n')).toBe('');
    expect(local.output()).not.toContain('\n\n');
  });

  it(
    'loses and reorders nothing when a comet stops in the middle and starts again',
    async () => {
      const push = (from: number, to: number) =>
        produce(
          ...numbered('key ', from, to).map((body) => v2(toKeys('comet-1', 'alice'), body)),
          ...numbered('room ', from, to).map((body) => v2(toRoom('live://1'), `stop ${body}`)),
        );
      await push(0, 50);
      await fault('comet-1', 'stop');
      await push(50, 100);
      await local.waitFor(/a comet is behind/, ARRIVAL_MS);
      await push(100, 150);
      // The other comet is not held up.
      await eventually(() => expect(received('bob', 'stop')).toHaveLength(150));
      expect(received('alice', 'stop').length).toBeLessThan(150);
      await fault('comet-1', 'start');
      await push(150, 200);
      await eventually(() => expect(received('alice', 'key')).toHaveLength(200));
      expect(received('alice', 'key')).toEqual(numbered('key ', 0, 200));
      for (const name of ['alice', 'bob'] as const) {
        await eventually(() => expect(received(name, 'stop')).toHaveLength(200));
        expect(received(name, 'stop')).toEqual(numbered('stop room ', 0, 200));
      }
      await local.waitFor(/a comet has caught up/, ARRIVAL_MS);
      expect(local.output()).not.toMatch(/dispatch: batch .* failed/);
    },
    TEST_MS,
  );

  it(
    'brings a thousand records past ten poisonous ones, which become dead letters',
    async () => {
      const records = numbered('good ', 0, 1000).map((body) => v2(toKeys('comet-2', 'bob'), body));
      for (const [index, { value }] of [...POISON, ...POISON].entries()) {
        records.splice(index * 101, 0, { key: null, value: Buffer.from(value) });
      }
      await produceTo(
        topicUrl(),
        TOPIC,
        records.map((record, index) => ({ ...record, partition: index % 4 })),
      );
      await eventually(() => expect(received('bob', 'good')).toHaveLength(1000));
      const client = openTables();
      const scan = new ScanCommand({ TableName: tableNames()['DeadLettersTable'], ConsistentRead: true });
      await eventually(async () => {
        const { Items = [] } = await client.send(scan);
        const reasons = POISON.map(({ reason }) => reason);
        expect(Items.map(({ reason }) => reason?.S).sort()).toEqual([...reasons, ...reasons].sort());
      });
      client.destroy();
    },
    TEST_MS,
  );

  it(
    'serves invoke local with the example event',
    async () => {
      const url = `ws://127.0.0.1:${base + 2}/sub`;
      const k1 = await connectGoimClient({ url, key: 'k1', roomId: 'live://1000', accepts: [1000] });
      const args = ['-f', 'dispatch', '-p', 'docs/example-event.json', '--port-base', `${base}`];
      const invoked = startServerless('invoke', 'local', ...args);
      expect(await invoked.ended, invoked.output()).toBe(0);
      const messages = await k1.waitForMessages(3, ARRIVAL_MS);
      expect(messages.map(({ body }) => body.toString())).toEqual(Array(3).fill('{"test":1}'));
      await k1.close();
    },
    TEST_MS,
  );

  it(
    'says in one line which port is taken, and how to move',
    async () => {
      const second = startSet({}, '--port-base', `${base}`);
      expect(await second.ended).toBe(1);
      // Before the framework loads.
      expect(second.output()).toMatch(/^Error: port \d+ is taken.*--port-base.*\n$/);
    },
    TEST_MS,
  );

  it(
    'ends with the signal, in the middle of a batch, and leaves no port taken',
    async () => {
      await fault('comet-1', 'hang');
      await produce(v2(TO_ALL, 'the last'));
      await eventually(() => expect(received('bob')).toContain('the last'));
      const before = performance.now();
      local.kill('SIGINT');
      expect(await local.ended).toBe(0);
      expect(performance.now() - before).toBeLessThan(10_000);
      await ensureFree(allPorts(portsFrom(base)));
    },
    TEST_MS,
  );
});
