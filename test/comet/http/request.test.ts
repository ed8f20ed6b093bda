import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { openHttpComet } from '../../../lib/comet/http/comet.ts';
import { DELIVERED } from '../../../lib/domain/outcome.ts';
import { listenOn, shut } from '../../../local/listening.ts';
import { roomOp } from '../contract.ts';

const never = new AbortController().signal;
const server = createServer();
afterEach(async () => {
  server.removeAllListeners('request');
  await shut(server);
});

/** An address of a gateway that answers in this way. */
const gateway = async (listener: RequestListener, basePath = ''): Promise<string> => {
  server.on('request', listener);
  await listenOn(server, '127.0.0.1', 0);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`;
};

const call = async (address: string) => {
  const client = openHttpComet(address, { callMs: 10_000 });
  const outcomes = await client.deliver([roomOp(1)], never);
  client.close();
  return outcomes;
};

const json = { 'content-type': 'application/json; charset=utf-8' };

test('a request is as the specification says', async () => {
  const seen: (Pick<IncomingMessage, 'httpVersion' | 'url' | 'headers'> & { body: string })[] = [];
  const address = await gateway(async (request, response) => {
    const { httpVersion, url, headers } = request;
    seen.push({ httpVersion, url, headers, body: await text(request) });
    response.writeHead(200, json).end('{"done":1}');
  });
  expect(await call(address)).toEqual([DELIVERED]);
  const [request] = seen;
  expect(request).toMatchObject({ httpVersion: '1.1', url: '/v1/ops' });
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(`${request?.body}`)}`,
    connection: 'keep-alive',
  });
  expect(request?.headers).not.toHaveProperty('content-encoding');
  expect(JSON.parse(`${request?.body}`)).toEqual({ ops: [roomOp(1)] });
});

test.each(['/push', '/push/', '/a/b'])('the base path %s goes before the API’s own', async (basePath) => {
  const urls: unknown[] = [];
  const address = await gateway((request, response) => {
    urls.push(request.url);
    response.writeHead(200, json).end('{"done":1}');
  }, basePath);
  expect(await call(address)).toEqual([DELIVERED]);
  expect(urls).toEqual([`${basePath.replace(/\/$/, '')}/v1/ops`]);
});

test('an answer may be compressed, and may say what the API does not know', async () => {
  const address = await gateway((_, response) =>
    response
      .writeHead(200, { ...json, 'content-encoding': 'gzip' })
      .end(gzipSync('{"done":1,"refused":[],"node":"a"}')),
  );
  expect(await call(address)).toEqual([DELIVERED]);
});
