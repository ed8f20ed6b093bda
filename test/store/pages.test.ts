import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createBehindTable, createBehindWriter } from '../../lib/store/behind.ts';
import { createDeadLettersTable } from '../../lib/store/dead-letters.ts';
import { createFleetReader } from '../../lib/store/fleet.ts';
import { createParkedTable } from '../../lib/store/parked.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { encodeRun } from '../../lib/store/run-codec.ts';
import { toRoom } from '../parking/ops.ts';
import { openTestDynamoDb, startScripted } from './test-dynamodb.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Page {
  readonly ExclusiveStartKey?: { readonly id: { readonly N: string } };
  readonly ConsistentRead?: boolean;
}

/** A table whose every page has one item, and where the next one begins. */
const paging = async (items: readonly object[]) => {
  const server = await startScripted(({ body }) => {
    const from = Number((body as Page).ExclusiveStartKey?.id.N ?? 0);
    const next = from + 1 < items.length ? { LastEvaluatedKey: { id: { N: String(from + 1) } } } : {};
    return { status: 200, body: { Items: items.slice(from, from + 1), ...next } };
  });
  const client = openTestDynamoDb(server.endpoint);
  closers.push(server.close, () => client.destroy());
  return { client, pages: () => server.requests.map(({ body }) => body as Page) };
};

const gather = async <T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
};

const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });
const ids = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id);
const marks = ['x', 'y', 'z'].map((comet) => ({
  partition: S(`${comet}-0`),
  comet: S(comet),
  parkedThrough: N(1),
  token: S('t'),
}));
const named = ['x', 'y', 'z'].map((id) => ({ id: S(id) }));

describe('a table of three pages is read whole', () => {
  it.each<[string, readonly object[], (client: DynamoDBClient) => Promise<readonly string[]>]>([
    [
      'for the marks of a partition',
      marks,
      async (client) =>
        (await createBehindWriter(client, 't').readPartition('t-0')).map(({ comet }) => comet),
    ],
    [
      'for all marks',
      marks,
      async (client) => (await createBehindTable(client, 't').scan()).map(({ comet }) => comet),
    ],
    ['for the comets', named, async (client) => ids(await createFleetReader(client, 't').readComets())],
    [
      'for the rooms',
      named.map(({ id }) => ({ room: id })),
      async (client) => (await gather(createRoomsTable(client, 't').scan())).map(({ room }) => room),
    ],
    [
      'for the dead letters',
      named,
      async (client) => ids(await gather(createDeadLettersTable(client, 't').scan())),
    ],
  ])('%s, each page consistently', async (_name, items, read) => {
    const { client, pages } = await paging(items);
    expect(await read(client)).toEqual(['x', 'y', 'z']);
    expect(pages().map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true, true]);
  });

  it('for the partitions of a comet, of which an index cannot be read consistently', async () => {
    const { client, pages } = await paging(marks);
    expect(await createBehindTable(client, 't').partitionsOf('a')).toEqual(['x-0', 'y-0', 'z-0']);
    expect(pages().map((page) => 'ConsistentRead' in page)).toEqual([false, false, false]);
  });
});

it('a queue of two pages is not complete with its first', async () => {
  const runs = [1, 2].map((offset) => ({
    queue: S('a#t-0'),
    run: S(`0000000000000000000${offset}#x`),
    ops: { B: encodeRun([toRoom(offset)]).toString('base64') },
    parkedAt: N(1),
  }));
  const first = await paging(runs);
  expect(await createParkedTable(first.client, 't').read('a', 't-0')).toMatchObject({
    runs: [{ ops: [toRoom(1)] }],
    complete: false,
  });
  const rest = await paging(runs.slice(1));
  expect(await createParkedTable(rest.client, 't').read('a', 't-0')).toMatchObject({
    runs: [{ ops: [toRoom(2)] }],
    complete: true,
  });
});
