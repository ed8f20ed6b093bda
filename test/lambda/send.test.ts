import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Chunk, cut, encodeOp } from '../../lib/domain/batch.ts';
import { encodeOutcomes } from '../../lib/domain/delivery-payload.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { createInvokeSend } from '../../lib/lambda/send.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const comet = { id: 'comet-1', addresses: ['http://a'] };
const ops = [1, 2].map((offset) =>
  encodeOp({ id: `t/0/${offset}`, type: 'room', room: 'r', operation: 1, body: 'eA==', timestamp: 5 }),
);
const [chunk] = cut(ops, 1000, 10_000) as [Chunk];

let server: Server;
let requests: { path: string; body: string }[];
let answers: Answer[];
let retries: number;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const throttled = json(429, { message: 'Rate exceeded' }, { 'x-amzn-ErrorType': 'TooManyRequestsException' });

beforeEach(async () => {
  requests = [];
  answers = [];
  retries = 0;
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    requests.push({ path: request.url ?? '', body: Buffer.concat(parts).toString() });
    (answers.shift() ?? json(200, encodeOutcomes([DELIVERED, DELIVERED])))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
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
    expect(requests[0]?.path).toBe('/2015-03-31/functions/goim-job-dev-deliver/invocations');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      v: 1,
      comet,
      timeoutMs: 5_000,
      ops: ops.map(({ op }) => op),
    });
  });

  test('that was throttled has not run: it is tried again', async () => {
    answers = [throttled, throttled];
    expect(await send()).toEqual([DELIVERED, DELIVERED]);
    expect([requests.length, retries]).toEqual([3, 2]);
  });

  test('that is throttled for longer than there is time is undelivered', async () => {
    answers = [throttled];
    expect(await send(Date.now())).toEqual([
      undelivered('DELIVER_THROTTLED'),
      undelivered('DELIVER_THROTTLED'),
    ]);
    expect(requests.length).toBe(1);
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
      expect(requests.length).toBe(1);
    },
  );
});
