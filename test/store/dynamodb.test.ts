import { setImmediate as turn } from 'node:timers/promises';
import {
  type DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { STORE_ATTEMPTS, STORE_BATCHES_IN_FLIGHT } from '../../lib/domain/limits.ts';
import { ServiceError } from '../../lib/errors.ts';
import { batchGet } from '../../lib/store/batch-get.ts';
import { batchWrite, type ItemWrite } from '../../lib/store/batch-write.ts';
import { attempted, conditional } from '../../lib/store/dynamodb.ts';
import {
  openTestDynamoDb,
  type Reply,
  refusal,
  type ScriptedRequest,
  startScripted,
} from './test-dynamodb.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const scripted = async (
  reply: (request: ScriptedRequest, nth: number) => Reply | Promise<Reply>,
  requestTimeout?: number,
) => {
  const server = await startScripted(reply);
  const handler = { requestTimeout, throwOnRequestTimeout: true };
  const client = openTestDynamoDb(
    server.endpoint,
    requestTimeout === undefined ? {} : { requestHandler: handler },
  );
  closers.push(server.close, () => client.destroy());
  return { client, requests: server.requests };
};

/** Says how many requests were in flight at once. */
const counting = () => {
  let inFlight = 0;
  let most = 0;
  const send = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await turn();
    inFlight -= 1;
    return {};
  };
  return { client: { send } as unknown as DynamoDBClient, most: () => most };
};

const OK: Reply = { status: 200, body: {} };
const get = new GetItemCommand({ TableName: 't', Key: { id: { S: 'x' } } });
const put = new PutItemCommand({ TableName: 't', Item: { id: { S: 'secret-item' } } });

describe('the DynamoDB client', () => {
  it.each<[string, Reply, string, boolean]>([
    ['throttling', refusal('ThrottlingException'), 'STORE_THROTTLED', true],
    ['exceeded throughput', refusal('ProvisionedThroughputExceededException'), 'STORE_THROTTLED', true],
    ['an account limit', refusal('RequestLimitExceeded'), 'STORE_THROTTLED', true],
    ['a refusal', refusal('ValidationException'), 'STORE_FAILED', false],
    ['a missing table', refusal('ResourceNotFoundException'), 'STORE_FAILED', false],
    [
      'a server error, which leaves a write unknown',
      refusal('InternalServerError', 500),
      'STORE_UNANSWERED',
      true,
    ],
    ['a broken connection', 'cut', 'STORE_UNANSWERED', true],
  ])('maps %s', async (_, reply, code, retryable) => {
    const { client, requests } = await scripted(() => reply);
    const error = await client.send(put).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code, retryable, details: { operation: 'PutItemCommand' } });
    expect((error as ServiceError).cause).toBeInstanceOf(Error);
    expect(
      `${(error as ServiceError).message} ${JSON.stringify((error as ServiceError).details)}`,
    ).not.toContain('secret');
    expect(requests).toHaveLength(1);
  });

  it('gives a request up that is not answered in time', async () => {
    const { client } = await scripted(() => 'silent', 50);
    await expect(client.send(put)).rejects.toMatchObject({ code: 'STORE_UNANSWERED' });
  });

  it('maps a call that its signal ends', async () => {
    const { client } = await scripted(() => 'silent');
    await expect(client.send(put, { abortSignal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'STORE_UNANSWERED',
    });
  });

  it('makes a condition that did not hold a value', async () => {
    const { client } = await scripted((_, nth) =>
      nth === 1 ? refusal('ConditionalCheckFailedException') : OK,
    );
    expect(await conditional(client.send(put))).toBe(false);
    expect(await conditional(client.send(put))).toBe(true);
  });
});

describe('attempted', () => {
  it('reads again what was throttled or not answered', async () => {
    const { client, requests } = await scripted((_, nth) =>
      nth === 1 ? refusal('ThrottlingException') : nth === 2 ? 'cut' : OK,
    );
    await attempted(() => client.send(get));
    expect(requests).toHaveLength(3);
  });

  it('gives up after a bounded number of attempts', async () => {
    const { client, requests } = await scripted(() => refusal('ThrottlingException'));
    await expect(attempted(() => client.send(get))).rejects.toMatchObject({ code: 'STORE_THROTTLED' });
    expect(requests).toHaveLength(STORE_ATTEMPTS);
  });

  it('does not repeat what was refused', async () => {
    const { client, requests } = await scripted(() => refusal('ValidationException'));
    await expect(attempted(() => client.send(get))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(requests).toHaveLength(1);
  });
});

const writes = (count: number): ItemWrite[] =>
  Array.from({ length: count }, (_, i) => {
    const key = { id: { S: `k${i}` } };
    return i % 2 === 0 ? { key, item: { ...key, n: { N: '1' } } } : { key };
  });
const SOON = { startWithinMs: 10_000 };
const requestsOf = ({ body }: ScriptedRequest): WriteRequest[] =>
  (body.RequestItems?.['t'] ?? []) as WriteRequest[];
const keyOf = ({ PutRequest, DeleteRequest }: WriteRequest): string =>
  (PutRequest?.Item ?? DeleteRequest?.Key)?.['id']?.S ?? '';
const keysOf = (request: ScriptedRequest): string[] => requestsOf(request).map(keyOf);
const unprocessed = (request: ScriptedRequest, ...keys: string[]): Reply => ({
  status: 200,
  body: { UnprocessedItems: { t: requestsOf(request).filter((write) => keys.includes(keyOf(write))) } },
});

describe('batchWrite', () => {
  it('writes 25 items a request, each once', async () => {
    const { client, requests } = await scripted(() => OK);
    const { statuses, failure } = await batchWrite(client, 't', writes(60), SOON);
    expect(statuses).toEqual(new Array(60).fill('written'));
    expect(failure).toBeUndefined();
    expect(requests.map((request) => keysOf(request).length).sort()).toEqual([10, 25, 25]);
    expect(new Set(requests.flatMap(keysOf)).size).toBe(60);
  });

  it('asks for unprocessed items again, puts and deletes, and for nothing else', async () => {
    const { client, requests } = await scripted((request, nth) =>
      nth === 1 ? unprocessed(request, 'k0', 'k3') : OK,
    );
    const { statuses, failure } = await batchWrite(client, 't', writes(5), SOON);
    expect(statuses).toEqual(new Array(5).fill('written'));
    expect(failure).toBeUndefined();
    expect(requests.map(keysOf)).toEqual([
      ['k0', 'k1', 'k2', 'k3', 'k4'],
      ['k0', 'k3'],
    ]);
  });

  it('gives items up that stay unprocessed, and says which', async () => {
    const { client, requests } = await scripted((request) => unprocessed(request, 'k1'));
    const { statuses, failure } = await batchWrite(client, 't', writes(3), SOON);
    expect(statuses).toEqual(['written', 'unwritten', 'written']);
    expect(failure).toMatchObject({ code: 'STORE_THROTTLED' });
    expect(requests).toHaveLength(STORE_ATTEMPTS);
  });

  it('sends a throttled request again', async () => {
    const { client } = await scripted((_, nth) =>
      nth === 1 ? refusal('ProvisionedThroughputExceededException') : OK,
    );
    expect((await batchWrite(client, 't', writes(2), SOON)).statuses).toEqual(['written', 'written']);
  });

  it('does not know what became of a request that was not answered, and does not repeat it', async () => {
    const { client, requests } = await scripted((request) => (keysOf(request).includes('k30') ? 'cut' : OK));
    const { statuses, failure } = await batchWrite(client, 't', writes(60), SOON);
    expect(statuses.map((status, i) => (status === 'unknown' ? i : -1)).filter((i) => i >= 0)).toEqual(
      Array.from({ length: 25 }, (_, i) => 25 + i),
    );
    expect(statuses.filter((status) => status === 'written')).toHaveLength(35);
    expect(failure).toMatchObject({ code: 'STORE_UNANSWERED' });
    expect(requests).toHaveLength(3);
  });

  it('knows of a second request that was not answered only what the first one left', async () => {
    const { client } = await scripted((request, nth) => (nth === 1 ? unprocessed(request, 'k1') : 'cut'));
    expect((await batchWrite(client, 't', writes(3), SOON)).statuses).toEqual([
      'written',
      'unknown',
      'written',
    ]);
  });

  it('does not repeat what was refused, and spares the other requests', async () => {
    const { client } = await scripted((request) =>
      keysOf(request).includes('k0') ? refusal('ValidationException') : OK,
    );
    const { statuses, failure } = await batchWrite(client, 't', writes(30), SOON);
    expect(statuses.slice(0, 25)).toEqual(new Array(25).fill('unwritten'));
    expect(statuses.slice(25)).toEqual(new Array(5).fill('written'));
    expect(failure).toMatchObject({ code: 'STORE_FAILED' });
  });

  it('starts no request once its time is over', async () => {
    const { client, requests } = await scripted(() => OK);
    const { statuses, failure } = await batchWrite(client, 't', writes(2), { startWithinMs: 0 });
    expect(statuses).toEqual(['unwritten', 'unwritten']);
    expect(failure).toMatchObject({ code: 'STORE_THROTTLED' });
    expect(requests).toEqual([]);
  });

  it('starts no further attempt once its time is over, also if the first was in time', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const { client, requests } = await scripted((request) => {
      now = SOON.startWithinMs;
      return unprocessed(request, 'k1');
    });
    const { statuses, failure } = await batchWrite(client, 't', writes(2), SOON);
    expect(statuses).toEqual(['written', 'unwritten']);
    expect(failure).toMatchObject({ code: 'STORE_THROTTLED' });
    expect(requests).toHaveLength(1);
  });

  it('starts attempts until the last moment', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const { client, requests } = await scripted((request, nth) => {
      now = SOON.startWithinMs - 1;
      return nth === 1 ? unprocessed(request, 'k1') : OK;
    });
    expect((await batchWrite(client, 't', writes(2), SOON)).statuses).toEqual(['written', 'written']);
    expect(requests).toHaveLength(2);
  });

  it('has as many requests in flight as it may, and no more', async () => {
    const { client, most } = counting();
    await batchWrite(client, 't', writes(25 * 3 * STORE_BATCHES_IN_FLIGHT), SOON);
    expect(most()).toBe(STORE_BATCHES_IN_FLIGHT);
  });

  it('sends nothing for nothing', async () => {
    const { client, requests } = await scripted(() => OK);
    expect(await batchWrite(client, 't', [], SOON)).toEqual({ statuses: [], failure: undefined });
    expect(requests).toEqual([]);
  });
});

describe('batchGet', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, i) => ({ id: { S: `k${i}` } }));
  const getOf = ({ body }: ScriptedRequest) => body.RequestItems?.['t'] as KeysAndAttributes;
  const asked = (request: ScriptedRequest) => getOf(request).Keys ?? [];

  it('reads 100 keys a request, consistently', async () => {
    const { client, requests } = await scripted((request) => ({
      status: 200,
      body: { Responses: { t: asked(request) } },
    }));
    expect(await batchGet(client, 't', keys(250))).toHaveLength(250);
    expect(requests.map((request) => asked(request).length).sort((x, y) => x - y)).toEqual([50, 100, 100]);
    expect(requests.every((request) => getOf(request).ConsistentRead)).toBe(true);
  });

  it('asks for unprocessed keys again, consistently, and for nothing else', async () => {
    const { client, requests } = await scripted((request, nth) => {
      const [first, ...rest] = asked(request);
      return nth === 1
        ? { status: 200, body: { Responses: { t: [first] }, UnprocessedKeys: { t: { Keys: rest } } } }
        : { status: 200, body: { Responses: { t: asked(request) } } };
    });
    const found = await batchGet(client, 't', keys(3));
    expect(found.map((item) => item['id']?.S)).toEqual(['k0', 'k1', 'k2']);
    expect(requests.map((request) => asked(request).length)).toEqual([3, 2]);
    expect(requests.every((request) => getOf(request).ConsistentRead)).toBe(true);
  });

  it('keeps what each attempt found', async () => {
    const { client } = await scripted((request) => {
      const [first, ...rest] = asked(request);
      const left = rest.length === 0 ? {} : { UnprocessedKeys: { t: { Keys: rest } } };
      return { status: 200, body: { Responses: { t: [first] }, ...left } };
    });
    expect(await batchGet(client, 't', keys(3))).toHaveLength(3);
  });

  it('asks a bounded number of times', async () => {
    const { client, requests } = await scripted((request) => ({
      status: 200,
      body: { UnprocessedKeys: { t: { Keys: asked(request) } } },
    }));
    await expect(batchGet(client, 't', keys(1))).rejects.toMatchObject({ code: 'STORE_THROTTLED' });
    expect(requests).toHaveLength(STORE_ATTEMPTS);
  });

  it('has as many requests in flight as it may, and no more', async () => {
    const { client, most } = counting();
    await batchGet(client, 't', keys(100 * 3 * STORE_BATCHES_IN_FLIGHT));
    expect(most()).toBe(STORE_BATCHES_IN_FLIGHT);
  });
});
