import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_WAKE_PARTITIONS } from '../../lib/domain/limits.ts';
import { createWake, readWake } from '../../lib/lambda/wake.ts';

let server: Server;
let requests: { path: string; type: string; body: unknown }[];
let status: number;

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString());
};

beforeEach(async () => {
  requests = [];
  status = 202;
  server = createServer(async (request, response) => {
    const type = String(request.headers['x-amz-invocation-type']);
    requests.push({ path: request.url ?? '', type, body: await bodyOf(request) });
    response.writeHead(status, { 'x-amzn-ErrorType': 'TooManyRequestsException' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a wake', () => {
  test('is an Event, which redeliver reads as it was written', async () => {
    const wake = { comet: 'comet-1', partitions: ['t-0', 't-1'] };
    await createWake('goim-job-dev-redeliver')(wake);
    expect(requests).toMatchObject([
      { path: '/2015-03-31/functions/goim-job-dev-redeliver/invocations', type: 'Event' },
    ]);
    expect(readWake(requests[0]?.body)).toEqual(wake);
  });

  test('names no more partitions than fit: the others are in the table', async () => {
    const partitions = Array.from({ length: MAX_WAKE_PARTITIONS + 1 }, (_, n) => `t-${n}`);
    await createWake('redeliver')({ comet: 'comet-1', partitions });
    expect(readWake(requests[0]?.body)?.partitions).toEqual(partitions.slice(0, -1));
  });

  test('that Lambda does not take is tried once, and rejects', async () => {
    status = 429;
    await expect(createWake('redeliver')({ comet: 'a', partitions: [] })).rejects.toMatchObject({
      code: 'REDELIVER_UNREACHED',
      retryable: true,
      details: { name: 'TooManyRequestsException' },
    });
    expect(requests.length).toBe(1);
  });
});

test.each([
  ['the schedule’s event', { source: 'aws.events', time: '2026-11-24T00:00:00Z' }],
  ['a newer version', { v: 2, comet: 'a', partitions: [] }],
  ['no comet', { v: 1, comet: '', partitions: [] }],
  ['partitions that are no names', { v: 1, comet: 'a', partitions: [1] }],
  ['nothing', null],
  ['a word', 'wake'],
])('%s is no wake, and so a reason to sweep', (_name, event) => {
  expect(readWake(event)).toBeUndefined();
});
