import dns from 'node:dns';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Chunk, cut, encodeOp } from '../../lib/domain/batch.ts';
import { encodeOutcomes } from '../../lib/domain/delivery-payload.ts';
import { CONNECT_MS, INVOKE_CLIENT_MS } from '../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { openLambda } from '../../lib/lambda/client.ts';
import { createInvokeSend } from '../../lib/lambda/send.ts';
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

const send = (startBy = Date.now() + 60_000) =>
  createInvokeSend({
    functionName: 'goim-job-dev-deliver',
    onRetry: () => {
      retries += 1;
    },
  })(comet, chunk, { timeoutMs: 5_000, startBy });

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
