import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeOp } from '../../lib/domain/batch.ts';
import { MAX_BODY_BYTES, MAX_ID_BYTES, MAX_TURN_BYTES } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { cutRuns, type ParkedRun } from '../../lib/domain/parked-run.ts';
import { createParkedTable, type ParkedTable } from '../../lib/store/parked.ts';
import { tableNames } from '../../local/tables.ts';
import { encoded, toKeys, toRoom } from '../parking/ops.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb, refusal, startScripted } from './test-dynamodb.ts';

const TABLE = tableNames()['ParkedTable'] ?? '';
const run = (comet: string, random: string, ...ops: Op[]): ParkedRun => {
  const [only] = cutRuns(
    encoded(...ops),
    { comet, partition: 't-0', parkedAt: 5, replayed: false },
    () => random,
  );
  return only as ParkedRun;
};

describe('the Parked table', () => {
  let tables: TestTables;
  let client: ReturnType<typeof openTestDynamoDb>;
  let parked: ParkedTable;
  beforeAll(async () => {
    tables = await startTestTables();
    client = openTestDynamoDb(tables.endpoint);
    parked = createParkedTable(client, TABLE);
  });
  afterAll(() => {
    client.destroy();
    return tables.close();
  });

  it('gives the runs of one queue back in offset order, whole', async () => {
    const replayed = { ...run('a', 'x', toRoom(100)), replayed: true };
    const runs = [run('a', 'x', toRoom(9), toKeys(12, ['k1', 'k2'])), run('a', 'y', toRoom(20)), replayed];
    await parked.put([...runs].reverse());
    await parked.put([run('b', 'x', toRoom(1))]);
    expect(await parked.read('a', 't-0')).toEqual({ runs, complete: true });
    expect(await parked.read('a', 't-1')).toEqual({ runs: [], complete: true });
  });

  it('keeps the run of a batch that came again, cut differently, beside the first', async () => {
    await parked.put([run('twice', 'x', toRoom(1), toRoom(2))]);
    await parked.put([run('twice', 'y', toRoom(1))]);
    const { runs } = await parked.read('twice', 't-0');
    expect(runs.map(({ ops }) => ops.length)).toEqual([2, 1]);
  });

  it('removes runs, more of them than one request takes', async () => {
    const runs = Array.from({ length: 60 }, (_, offset) => run('many', 'x', toRoom(offset)));
    await parked.put(runs);
    expect((await parked.read('many', 't-0')).runs.length).toBe(60);
    await parked.remove(runs.slice(1));
    expect((await parked.read('many', 't-0')).runs).toEqual(runs.slice(0, 1));
  });

  it('puts what is left of a run in its place, but brings none back that is gone', async () => {
    const whole = run('rest', 'x', toRoom(1), toRoom(2));
    await parked.put([whole]);
    await parked.rewrite({ ...whole, ops: whole.ops.slice(1) });
    expect((await parked.read('rest', 't-0')).runs).toEqual([{ ...whole, ops: whole.ops.slice(1) }]);
    await parked.remove([whole]);
    await parked.rewrite(whole);
    expect((await parked.read('rest', 't-0')).runs).toEqual([]);
  });

  /** Nothing that deflate could make smaller. */
  const randomBytes = (bytes: number): Buffer => {
    const body = Buffer.alloc(bytes);
    let state = 1;
    for (let at = 0; at < body.length; at++) {
      state = Math.imul(state, 1_664_525) + 1_013_904_223;
      body[at] = state >>> 24;
    }
    return body;
  };
  const longest = {
    comet: 'c'.repeat(MAX_ID_BYTES),
    partition: `${'t'.repeat(249)}-1000`,
    parkedAt: 5,
    replayed: true,
  };
  const runsOf = (body: Buffer) => {
    const op: Op = { ...toKeys(1, ['k']), id: `${'t'.repeat(249)}/1000/1`, body: body.toString('base64') };
    return cutRuns([encodeOp(op)], longest, () => 'x'.repeat(36));
  };

  it('holds an op of 390 KiB in one item, under the longest names', async () => {
    const runs = runsOf(randomBytes(390 * 1024));
    expect(await parked.put(runs)).toEqual([]);
    expect((await parked.read(longest.comet, longest.partition)).runs).toEqual(runs);
    await parked.remove(runs);
  });

  it('holds the largest body that deflate makes small enough', async () => {
    const runs = runsOf(Buffer.alloc(MAX_BODY_BYTES));
    expect(await parked.put(runs)).toEqual([]);
    expect((await parked.read(longest.comet, longest.partition)).runs).toEqual(runs);
    await parked.remove(runs);
  });

  it('answers an op that no item can hold, and stores the others', async () => {
    const large = runsOf(randomBytes(1_000_000));
    const small = run('beside', 'x', toRoom(1));
    expect(await parked.put([...large, small])).toEqual(large);
    expect((await parked.read(longest.comet, longest.partition)).runs).toEqual([]);
    expect((await parked.read('beside', 't-0')).runs).toEqual([small]);
  });

  it('reads no more at once than a turn takes, however well it was deflated', async () => {
    const large = (offset: number): Op => ({ ...toRoom(offset), body: 'A'.repeat((MAX_BODY_BYTES * 4) / 3) });
    const runs = Array.from({ length: 20 }, (_, offset) => run('zip', 'x', large(offset)));
    await parked.put(runs);
    const { runs: read, complete } = await parked.read('zip', 't-0');
    expect(complete).toBe(false);
    expect(read.length).toBeLessThanOrEqual(Math.ceil(MAX_TURN_BYTES / MAX_BODY_BYTES));
    expect(read).toEqual(runs.slice(0, read.length));
  });

  it('says which run cannot be read, and shows nothing of it', async () => {
    const broken = { ...run('broken', 'x', toRoom(1)), ops: [{ secret: 'text' } as unknown as Op] };
    await parked.put([broken]);
    await expect(parked.read('broken', 't-0')).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
      retryable: false,
      details: { queue: 'broken#t-0', run: broken.run },
      message: expect.not.stringContaining('secret'),
    });
  });
});

it('the Parked table is read consistently', async () => {
  const { endpoint, requests, close } = await startScripted(() => ({ status: 200, body: { Items: [] } }));
  const client = openTestDynamoDb(endpoint);
  await createParkedTable(client, TABLE).read('a', 't-0');
  client.destroy();
  close();
  expect(requests).toMatchObject([{ operation: 'Query', body: { ConsistentRead: true } }]);
});

it('a run that was not stored, of many, is an error, or its mark would be deleted as done', async () => {
  const { endpoint, requests, close } = await startScripted((_request, nth) =>
    nth === 3 ? refusal('ValidationException') : { status: 200, body: {} },
  );
  const client = openTestDynamoDb(endpoint);
  const runs = Array.from({ length: 60 }, (_, offset) => run('many', 'x', toRoom(offset)));
  const parked = createParkedTable(client, TABLE);
  await expect(parked.put(runs)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(requests.length).toBe(3);
  await parked.put([]);
  await parked.remove([]);
  expect(requests.length).toBe(3);
  client.destroy();
  close();
});
