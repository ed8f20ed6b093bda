import dns from 'node:dns';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordLetter } from '../../lib/domain/dead-letter.ts';
import { CONNECT_MS, STORE_CALL_MS } from '../../lib/domain/limits.ts';
import { createBehindTable, createBehindWriter } from '../../lib/store/behind.ts';
import { createDeadLettersTable, createDeadLettersWriter } from '../../lib/store/dead-letters.ts';
import { createFleetComets, createFleetTable } from '../../lib/store/fleet.ts';
import { createLeasesTable } from '../../lib/store/leases.ts';
import { createParkedTable } from '../../lib/store/parked.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { lasts } from '../lasts.ts';
import { toRoom } from '../parking/ops.ts';
import { openTestDynamoDb, type Reply, startScripted } from './test-dynamodb.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) close();
});

const open = (endpoint: string): DynamoDBClient => {
  const client = openTestDynamoDb(endpoint);
  closers.push(() => client.destroy());
  return client;
};
const start = async (reply: (nth: number) => Reply) => {
  const server = await startScripted((_request, nth) => reply(nth));
  closers.push(server.close);
  return { client: open(server.endpoint), requests: server.requests };
};

const run = {
  comet: 'a',
  partition: 't-0',
  run: '1#x',
  parkedAt: 1,
  replayed: false,
  ops: [toRoom(1)],
};
const mark = { partition: 't-0', comet: 'a', parkedThrough: 1, token: 'x' };
const lease = { name: 'n', owner: 'o', fingerprint: '', until: 1, endsAt: 1 };
const letter = recordLetter({
  topic: 't',
  partition: 0,
  offset: 1,
  timestamp: 1,
  malformed: 'value-empty',
  original: {},
});
const stored = { ...letter, diedAt: 1, expiresAt: 1, parts: 0 };
const header = { version: 1, mergedAt: 1, fleetAt: 1, fresh: new Set<string>(), silent: new Set<string>() };
const exhaust = async (pages: AsyncIterable<unknown>): Promise<void> => {
  for await (const _page of pages);
};
const within = async (written: Promise<{ failure: Error | undefined }>): Promise<void> => {
  const { failure } = await written;
  if (failure !== undefined) throw failure;
};

type Work = (client: DynamoDBClient) => Promise<unknown>;

/** What may be asked for again. */
const REPEATED: readonly [string, Work][] = [
  ['the marks of a partition', (client) => createBehindWriter(client, 't').readPartition('t-0')],
  ['a raise of a mark', (client) => createBehindWriter(client, 't').raise(mark, true)],
  ['a mark', (client) => createBehindTable(client, 't').readMark('t-0', 'a')],
  ['the partitions of a comet', (client) => createBehindTable(client, 't').partitionsOf('a')],
  ['all marks', (client) => createBehindTable(client, 't').scan()],
  ['all letters', (client) => exhaust(createDeadLettersTable(client, 't').scan())],
  ['letters by id', (client) => createDeadLettersTable(client, 't').read(['x'])],
  ['a removal of a letter', (client) => createDeadLettersTable(client, 't').remove(stored)],
  ['the header', (client) => createFleetComets(client, 't').readHeader()],
  ['a comet', (client) => createFleetComets(client, 't').readComet('a')],
  ['all comets', (client) => createFleetTable(client, 't').readComets()],
  ['a lease', (client) => createLeasesTable(client, 't').read('n')],
  ['a page of a queue', (client) => createParkedTable(client, 't').read('a', 't-0')],
  ['a rewrite of a run', (client) => createParkedTable(client, 't').rewrite(run)],
  ['rooms by name', (client) => createRoomsTable(client, 't').readRooms(['r'])],
  ['all rooms', (client) => exhaust(createRoomsTable(client, 't').scan())],
];

/** What is tried once: repeated behind a lease's back, it could outlive it. */
const ONCE: readonly [string, Work][] = [
  ['a removal of a mark', (client) => createBehindTable(client, 't').remove(mark)],
  ['dead letters', (client) => createDeadLettersWriter(client, 't', () => 1).write([letter])],
  [
    'comets',
    (client) => within(createFleetTable(client, 't').writeComets([{ id: 'a', comet: undefined }], 5_000)),
  ],
  ['the header', (client) => createFleetTable(client, 't').writeHeader(header)],
  ['the taking of a lease', (client) => createLeasesTable(client, 't').acquire(lease, 0)],
  ['the renewal of a lease', (client) => createLeasesTable(client, 't').renew(lease)],
  ['the release of a lease', (client) => createLeasesTable(client, 't').release('n', 'o')],
  ['an ask for a lease', (client) => createLeasesTable(client, 't').ask(lease)],
  ['the giving up of a lease', (client) => createLeasesTable(client, 't').giveUp('n', 'o')],
  ['a wake', (client) => createLeasesTable(client, 't').wake('n', ['t-0'])],
  ['runs', (client) => createParkedTable(client, 't').put([run])],
  ['a removal of runs', (client) => createParkedTable(client, 't').remove([run])],
  [
    'rooms',
    (client) =>
      within(createRoomsTable(client, 't').writeRooms([{ room: 'r', comets: ['a'], expiresAt: 1 }], 5_000)),
  ],
];

describe('a DynamoDB that begins an answer and never ends it', () => {
  let given: number[];
  let ends: (() => void)[];
  beforeEach(() => {
    given = [];
    ends = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      given.push(ms);
      ends.push(() => controller.abort(new DOMException('over', 'TimeoutError')));
      return controller.signal;
    });
  });

  /** The time of the first request is over as soon as half of its answer has come. */
  const stalling = () =>
    start((nth) => (nth === 1 ? { stalled: () => ends[0]?.() } : { status: 200, body: {} }));

  it.each(REPEATED)(
    'is given its time for %s, and asked again',
    async (_name, work) => {
      const { client, requests } = await stalling();
      await work(client);
      expect(requests.length).toBe(2);
      expect(given).toEqual([STORE_CALL_MS, STORE_CALL_MS]);
    },
    5_000,
  );

  it.each(ONCE)(
    'is given its time for %s, once',
    async (_name, work) => {
      const { client, requests } = await stalling();
      await expect(work(client)).rejects.toMatchObject({ code: 'STORE_UNANSWERED', retryable: true });
      expect(requests.length).toBe(1);
      expect(given).toEqual([STORE_CALL_MS]);
    },
    5_000,
  );
});

describe('the client by itself', () => {
  const put = (client: DynamoDBClient) => () =>
    client.send(new PutItemCommand({ TableName: 't', Item: { id: { S: 'x' } } }));

  it('gives up a request that gets no answer at all', async () => {
    const { client } = await start(() => 'silent');
    const { ms, failure } = await lasts(put(client));
    expect(ms).toBe(STORE_CALL_MS);
    expect(failure).toMatchObject({ code: 'STORE_UNANSWERED' });
  });

  it('gives up a connection that is never made', async () => {
    vi.spyOn(dns, 'lookup').mockImplementation((() => {}) as unknown as typeof dns.lookup);
    const { ms, failure } = await lasts(put(open('http://nowhere.test:1')));
    expect(ms).toBe(CONNECT_MS);
    expect(failure).toMatchObject({ code: 'STORE_UNANSWERED' });
  });
});
