import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mark } from '../../lib/domain/mark.ts';
import {
  type BehindTable,
  type BehindWriter,
  createBehindTable,
  createBehindWriter,
} from '../../lib/store/behind.ts';
import { tableNames } from '../../local/tables.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb, refusal, startScripted } from './test-dynamodb.ts';

const TABLE = tableNames()['BehindTable'] ?? '';
/** As it stands after the mark's own nth request. */
const asked = (one: Mark, nth = 1): Mark => ({ ...one, token: `${one.token}.${nth}` });
const mark = (comet: string, parkedThrough: number, token: string, partition = 't-0'): Mark => ({
  partition,
  comet,
  parkedThrough,
  token,
});

describe('the Behind table', () => {
  let tables: TestTables;
  let client: ReturnType<typeof openTestDynamoDb>;
  let writer: BehindWriter;
  let behind: BehindTable;
  beforeAll(async () => {
    tables = await startTestTables();
    client = openTestDynamoDb(tables.endpoint);
    writer = createBehindWriter(client, TABLE);
    behind = createBehindTable(client, TABLE);
  });
  afterAll(() => {
    client.destroy();
    return tables.close();
  });

  it('says of a mark whether it is new', async () => {
    expect(await writer.raise(mark('new', 5, 'one'), true)).toBe(true);
    expect(await writer.raise(mark('new', 7, 'two'), true)).toBe(false);
    expect(await behind.readMark('t-0', 'new')).toEqual(asked(mark('new', 7, 'two')));
  });

  it('keeps until when a comet wants to be left alone', async () => {
    await writer.raise({ ...mark('busy', 5, 'one'), retryAt: 9_000 }, true);
    expect(await behind.readMark('t-0', 'busy')).toEqual({
      ...asked(mark('busy', 5, 'one')),
      retryAt: 9_000,
    });
    await writer.raise(mark('busy', 6, 'two'), true);
    expect((await behind.readMark('t-0', 'busy'))?.retryAt).toBe(9_000);
    await writer.raise({ ...mark('busy', 3, 'three'), retryAt: 12_000 }, true);
    expect((await behind.readMark('t-0', 'busy'))?.retryAt).toBe(12_000);
  });

  it('says so again once the comet of a mark has come into the fleet: nobody was woken for it', async () => {
    expect(await writer.raise(mark('came', 5, 'one'), false)).toBe(true);
    expect(await writer.raise(mark('came', 6, 'two'), false)).toBe(false);
    expect(await writer.raise(mark('came', 3, 'three'), true)).toBe(true);
    expect(await writer.raise(mark('came', 7, 'four'), true)).toBe(false);
    expect(await behind.readMark('t-0', 'came')).toEqual(asked(mark('came', 7, 'four')));
  });

  it('keeps the larger offset and takes the new token each time, so that a replay of an older op shows', async () => {
    await writer.raise(mark('max', 50, 'one'), true);
    expect(await writer.raise(mark('max', 10, 'two'), true)).toBe(false);
    expect(await behind.readMark('t-0', 'max')).toEqual(asked(mark('max', 50, 'two'), 2));
    await writer.raise(mark('max', 50, 'three'), true);
    expect(await behind.readMark('t-0', 'max')).toEqual(asked(mark('max', 50, 'three')));
  });

  it('deletes a mark only while it is the one that was read', async () => {
    const read = mark('deleted', 5, 'one');
    await writer.raise(read, true);
    await writer.raise(mark('deleted', 3, 'two'), true);
    expect(await behind.remove(asked(read))).toBe(false);
    expect(await behind.remove(asked(mark('deleted', 5, 'two'), 2))).toBe(true);
    expect(await behind.readMark('t-0', 'deleted')).toBeUndefined();
    expect(await behind.remove(mark('deleted', 5, 'two'))).toBe(false);
  });

  it('finds marks by partition, by comet and altogether', async () => {
    const marks = [mark('x', 1, 't', 'u-0'), mark('y', 2, 't', 'u-0'), mark('x', 3, 't', 'u-1')];
    for (const one of marks) await writer.raise(one, true);
    expect(await writer.readPartition('u-0')).toEqual(marks.slice(0, 2).map((one) => asked(one)));
    expect(await writer.readPartition('u-9')).toEqual([]);
    expect((await behind.partitionsOf('x')).sort()).toEqual(['u-0', 'u-1']);
    expect((await behind.scan()).filter(({ partition }) => partition.startsWith('u-'))).toHaveLength(3);
  });
});

describe('the requests to it', () => {
  const opened = async (reply: Parameters<typeof startScripted>[0]) => {
    const server = await startScripted(reply);
    const client = openTestDynamoDb(server.endpoint);
    const close = () => {
      client.destroy();
      server.close();
    };
    return {
      ...server,
      close,
      writer: createBehindWriter(client, TABLE),
      behind: createBehindTable(client, TABLE),
    };
  };

  it('read consistently what decides: the marks of a partition, one mark, and all of them', async () => {
    const { requests, writer, behind, close } = await opened(() => ({ status: 200, body: { Items: [] } }));
    await writer.readPartition('t-0');
    await behind.readMark('t-0', 'a');
    await behind.scan();
    close();
    expect(requests.map(({ operation, body }) => [operation, 'ConsistentRead' in body])).toEqual([
      ['Query', true],
      ['GetItem', true],
      ['Scan', true],
    ]);
    expect(JSON.stringify(requests)).not.toContain('"ConsistentRead":false');
  });

  it('take a mark for new if an attempt was not answered, which may have made it', async () => {
    const { writer, close } = await opened((_request, nth) =>
      nth === 1 ? 'cut' : { status: 200, body: { Attributes: { woken: { BOOL: true } } } },
    );
    expect(await writer.raise(mark('a', 5, 'one'), true)).toBe(true);
    close();
  });

  it('have a token each, so that a late one brings back none that was read since', async () => {
    const failed = refusal('ConditionalCheckFailedException');
    const replies = ['cut', failed, 'cut', { status: 200, body: {} }] as const;
    const { requests, writer, close } = await opened((_request, nth) => replies[nth - 1] ?? failed);
    await writer.raise(mark('a', 5, 'one'), true);
    const tokens = requests.map(({ body }) => JSON.stringify(body).match(/"one\.\d"/)?.[0]);
    expect(tokens).toEqual(['"one.1"', '"one.2"', '"one.3"', '"one.4"']);
    close();
  });

  it('raise a mark that is deleted and made again in between', async () => {
    const failed = refusal('ConditionalCheckFailedException');
    const { requests, writer, close } = await opened((_request, nth) =>
      nth <= 4 ? failed : { status: 200, body: {} },
    );
    expect(await writer.raise(mark('a', 5, 'one'), true)).toBe(true);
    expect(requests.length).toBe(5);
    close();
  });

  it('give up a raise that never holds as one that may come again', async () => {
    const { writer, close } = await opened(() => refusal('ConditionalCheckFailedException'));
    await expect(writer.raise(mark('a', 5, 'one'), true)).rejects.toMatchObject({ retryable: true });
    close();
  });
});
