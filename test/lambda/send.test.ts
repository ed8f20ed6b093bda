import { createHash } from 'node:crypto';
import dns from 'node:dns';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Chunk, cut, type EncodedOp, encodeOp } from '../../lib/domain/batch.ts';
import { encodeDelivery, encodeOutcomes } from '../../lib/domain/delivery-payload.ts';
import { CONNECT_MS, INVOKE_CLIENT_MS, MAX_BLOCK_BYTES, MAX_WHOLE_BYTES } from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { openLambda } from '../../lib/lambda/client.ts';
import { createInvokeSender } from '../../lib/lambda/send.ts';
import { createAuthority, createCertificate } from '../comet/tls/certificates.ts';
import { startTlsProxy } from '../comet/tls/servers.ts';
import { lasts } from '../lasts.ts';
import { type Answer, type FakeLambda, json, startFakeLambda } from './fake-lambda.ts';

const pauses = vi.hoisted((): number[] => []);
vi.mock('node:timers/promises', async (original) => ({
  ...(await original<object>()),
  setTimeout: async (ms: number) => void pauses.push(ms),
}));

const comet = { id: 'comet-1', addresses: ['http://a'] };
const ops = [1, 2].map((offset) =>
  encodeOp({ id: `t/0/${offset}`, type: 'room', room: 'r', operation: 1, body: 'eA==', timestamp: 5 }),
);
const [chunk] = cut(ops, 1000, 10_000) as [Chunk];

let lambda: FakeLambda;
let answers: Answer[];
let retries: number;

const throttled = json(429, { message: 'Rate exceeded' }, { 'x-amzn-ErrorType': 'TooManyRequestsException' });

beforeEach(async () => {
  pauses.length = 0;
  answers = [];
  retries = 0;
  lambda = await startFakeLambda(() => answers.shift() ?? json(200, encodeOutcomes([DELIVERED, DELIVERED])));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await lambda.close();
});

const createSender = () =>
  createInvokeSender({
    functionName: 'goim-job-dev-deliver',
    onRetry: () => {
      retries += 1;
    },
  });
const send = (startBy = Date.now() + 60_000) =>
  createSender().send(comet, chunk, { timeoutMs: 5_000, startBy });

describe('an Invoke of deliver', () => {
  test('carries the delivery and gives the outcomes', async () => {
    answers = [json(200, encodeOutcomes([DELIVERED, { status: 'dropped', reason: 'refused', detail: 'x' }]))];
    expect(await send()).toEqual([DELIVERED, { status: 'dropped', reason: 'refused', detail: 'x' }]);
    expect(lambda.requests[0]?.path).toBe('/2015-03-31/functions/goim-job-dev-deliver/invocations');
    expect(JSON.parse(lambda.requests[0]?.body ?? '')).toEqual({
      v: 1,
      comet,
      timeoutMs: 5_000,
      ops: ops.map(({ op }) => op),
    });
  });

  test('that was throttled has not run: it is tried again', async () => {
    answers = [throttled, throttled];
    expect(await send()).toEqual([DELIVERED, DELIVERED]);
    expect([lambda.requests.length, retries]).toEqual([3, 2]);
  });

  test('that was throttled waits twice as long each time, up to 2 s, and less by chance', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    answers = Array(8).fill(throttled);
    await send();
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
    vi.spyOn(Math, 'random').mockReturnValue(0);
    answers = [throttled];
    await send();
    expect(pauses.at(-1)).toBe(50);
  });

  test.each([
    [99, 1],
    [100, 2],
  ])('that was throttled, with %i ms left, is sent %i times', async (leftMs, sent) => {
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now);
    vi.spyOn(Math, 'random').mockReturnValue(1);
    answers = [throttled];
    await send(now + leftMs);
    expect(lambda.requests.length).toBe(sent);
  });

  test.each(['TooManyRequestsException', 'EC2ThrottledException', 'ThrottlingException'])(
    'that Lambda answers with %s has not run',
    async (name) => {
      answers = [json(429, {}, { 'x-amzn-ErrorType': name })];
      expect(await send()).toEqual([DELIVERED, DELIVERED]);
    },
  );

  test('that is throttled for longer than there is time is undelivered', async () => {
    answers = [throttled];
    expect(await send(Date.now())).toEqual([
      undelivered('DELIVER_THROTTLED'),
      undelivered('DELIVER_THROTTLED'),
    ]);
    expect(lambda.requests.length).toBe(1);
  });

  test.each<[string, Answer, string]>([
    [
      'failed',
      json(200, { errorType: 'UNEXPECTED' }, { 'X-Amz-Function-Error': 'Unhandled' }),
      'DELIVER_FAILED',
    ],
    [
      'failed, whatever it answers',
      json(200, encodeOutcomes([DELIVERED, DELIVERED]), { 'X-Amz-Function-Error': 'Unhandled' }),
      'DELIVER_FAILED',
    ],
    ['answers for fewer ops', json(200, encodeOutcomes([DELIVERED])), 'DELIVER_FAILED'],
    ['answers no JSON', (_request, response) => response.writeHead(200).end('<html>'), 'DELIVER_FAILED'],
    ['answers null', json(200, null), 'DELIVER_FAILED'],
    ['has a broken connection', (request) => request.socket.destroy(), 'DELIVER_UNANSWERED'],
    ['is not allowed', json(403, {}, { 'x-amzn-ErrorType': 'AccessDeniedException' }), 'DELIVER_UNANSWERED'],
    [
      'met a fault of the service',
      json(500, {}, { 'x-amzn-ErrorType': 'ServiceException' }),
      'DELIVER_UNANSWERED',
    ],
  ])(
    'that %s is undelivered after one attempt: another might repeat a delivery that still runs',
    async (_name, answer, code) => {
      answers = [answer];
      expect(await send()).toEqual(Array(2).fill({ status: 'undelivered', code }));
      expect(lambda.requests.length).toBe(1);
    },
  );
});

/** Ops of every size about a block's, keys that are no ASCII among them. */
const chunkOf = (minBytes: number): Chunk => {
  const sizes = [1, 40, 5_000, MAX_BLOCK_BYTES - 200, MAX_BLOCK_BYTES, 3 * MAX_BLOCK_BYTES];
  const all: EncodedOp[] = [];
  for (let bytes = 0; bytes < minBytes; bytes += all.at(-1)?.bytes ?? 0) {
    const body = 'A'.repeat(4 * Math.ceil((sizes[all.length % sizes.length] ?? 0) / 4));
    const keys = [`ключ ${all.length}`];
    all.push(encodeOp({ id: `t/0/${all.length}`, type: 'push', keys, operation: 1, body, timestamp: 5 }));
  }
  return cut(all, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)[0] as Chunk;
};

describe('payloads that are too much to be whole in memory', () => {
  const large = chunkOf(MAX_WHOLE_BYTES);
  const limits = { timeoutMs: 5_000, startBy: Number.POSITIVE_INFINITY };
  const delivered = large.ops.map(() => DELIVERED);

  test('carry the same, signed as a whole, also when they are sent again', async () => {
    answers = [throttled, json(200, encodeOutcomes(delivered))];
    expect(await createSender().send(comet, large, limits)).toEqual(delivered);
    const body = encodeDelivery(comet, 5_000, large);
    expect(lambda.requests.length).toBe(2);
    for (const request of lambda.requests) {
      expect(Buffer.from(request.body).equals(body)).toBe(true);
      expect(request.headers).toMatchObject({
        'content-length': String(body.length),
        'content-type': 'application/octet-stream',
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      });
    }
  });

  test('carry the same over TLS, which Lambda has', async () => {
    const { cert, key } = await createCertificate({ ca: await createAuthority('ours') });
    const proxy = await startTlsProxy(String(process.env['AWS_ENDPOINT_URL_LAMBDA']), { cert, key });
    onTestFinished(() => proxy.close());
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', proxy.url);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    answers = [json(200, encodeOutcomes(delivered))];
    expect(await createSender().send(comet, large, limits)).toEqual(delivered);
    expect(lambda.requests[0]?.body).toBe(encodeDelivery(comet, 5_000, large).toString());
  });

  test('go out beside each other, each with its own', async () => {
    const { send } = createSender();
    answers = Array(3).fill(json(200, encodeOutcomes(delivered)));
    const ids = ['a', 'b', 'c'];
    await Promise.all(ids.map((id) => send({ id, addresses: ['http://a'] }, large, limits)));
    const bodies = ids.map((id) => encodeDelivery({ id, addresses: ['http://a'] }, 5_000, large).toString());
    expect(lambda.requests.map(({ body }) => body).toSorted()).toEqual(bodies);
  });

  test('are in memory by the block, while those before them are open', async () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafe');
    const { send, heldBytes } = createSender();
    const part = chunkOf(MAX_WHOLE_BYTES / 4);
    const count = 10;
    const open: ServerResponse[] = [];
    answers = Array(count).fill((_request: IncomingMessage, response: ServerResponse) => {
      open.push(response);
      if (open.length < count) return;
      for (const one of open) json(200, encodeOutcomes(part.ops.map(() => DELIVERED)))(_request, one);
    });
    await Promise.all(Array.from({ length: count }, () => send(comet, part, limits)));
    const allocated = allocate.mock.calls.reduce((sum, [bytes]) => sum + bytes, 0);
    expect(allocated).toBeLessThan(MAX_WHOLE_BYTES + count * 2 * heldBytes(part));
  });

  test('hold a block of it, or their largest op', () => {
    const { heldBytes } = createSender();
    expect(heldBytes(chunk)).toBe(chunk.bytes);
    expect(heldBytes(large)).toBe(Math.max(...large.ops.map(({ bytes }) => bytes)));
    expect(heldBytes({ ops: Array(1_000).fill(ops[0]), bytes: 1_000 * ((ops[0]?.bytes ?? 0) + 1) })).toBe(
      MAX_BLOCK_BYTES,
    );
  });
});

describe('the client of Lambda', () => {
  const invoke = () => openLambda().send(new InvokeCommand({ FunctionName: 'f' }));

  test('waits longer than deliver may run, and not for ever', async () => {
    answers = [() => {}];
    expect((await lasts(invoke)).ms).toBe(INVOKE_CLIENT_MS);
    expect(lambda.requests.length).toBe(1);
  });

  test('gives up a connection that is never made', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://nowhere.test:1');
    vi.spyOn(dns, 'lookup').mockImplementation((() => {}) as unknown as typeof dns.lookup);
    expect((await lasts(invoke)).ms).toBe(CONNECT_MS);
  });
});
