import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ReferenceComet } from '../../../local/comet/reference-comet.ts';
import { allOp, get, postOps, pushOp, received, useComets } from './setup.ts';

const { start, connect } = useComets();
const OPS = [pushOp(['k1'], 'a'), pushOp(['k1'], 'b'), pushOp(['k1'], 'c')];

/** Sends a request and resolves when the comet has it: a server says "continue" as it takes the request. */
const sent = async ({ apiUrl }: ReferenceComet) => {
  const call = request(`${apiUrl}/v1/ops`, {
    method: 'POST',
    headers: { expect: '100-continue', 'content-type': 'application/json' },
  });
  const failed = once(call, 'error').then(([error]) => error.code);
  const answered = once(call, 'response').then(([response]) => response as IncomingMessage);
  answered.catch(() => {});
  await once(call, 'continue');
  call.end(JSON.stringify({ ops: OPS }));
  return { failed, answered };
};

describe('a fault of the comet API', () => {
  it.each([500, 502, 413, 404])('answers status %i and applies nothing', async (status) => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'status', status });
    expect(await postOps(comet, OPS)).toMatchObject({ status, data: { error: expect.any(String) } });
    expect(await received(client)).toEqual([]);
  });

  it('says how long it is busy', async () => {
    const comet = await start();
    comet.setFault({ kind: 'busy', retryAfterS: 2 });
    expect(await postOps(comet, OPS)).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    comet.setFault({ kind: 'busy', status: 429, retryAfterS: 0 });
    expect(await postOps(comet, OPS)).toMatchObject({ status: 429, headers: { 'retry-after': '0' } });
  });

  it('redirects with the method kept', async () => {
    const comet = await start();
    comet.setFault({ kind: 'redirect', location: 'http://127.0.0.1:1/v1/ops' });
    const response = await fetch(`${comet.apiUrl}/v1/rooms`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://127.0.0.1:1/v1/ops']);
  });

  it('answers any JSON that it is given', async () => {
    const comet = await start();
    comet.setFault({ kind: 'json', body: { done: 99 } });
    expect(await postOps(comet, OPS)).toMatchObject({ status: 200, data: { done: 99 } });
  });

  it('answers what is no JSON', async () => {
    const comet = await start();
    comet.setFault({ kind: 'garbage' });
    const { status, data, headers } = await postOps(comet, OPS);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(() => JSON.parse(data)).toThrow(SyntaxError);
  });

  it('resets the connection', async () => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'reset' });
    await expect(postOps(comet, OPS)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const socket = connectTcp(Number(new URL(comet.apiUrl).port), '127.0.0.1');
    socket.write('GET /v1/rooms HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await received(client)).toEqual([]);
  });

  it('hangs until the fault is another, and then resets', async () => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'hang' });
    const { failed } = await sent(comet);
    comet.setFault();
    expect(await failed).toBe('ECONNRESET');
    expect(await received(client)).toEqual([]);
  });

  it('applies the ops and breaks off in the middle of its answer', async () => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'half' });
    const response = await fetch(`${comet.apiUrl}/v1/ops`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ops: OPS }),
    });
    expect(response.headers.get('content-length')).toBe(`${'{"done":3,"refused":[]}'.length}`);
    await expect(response.text()).rejects.toThrow();
    expect(await received(client)).toEqual(['1000 a', '1000 b', '1000 c']);
  });

  it('applies the ops and stalls in the middle of its answer, until the fault is another', async () => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'stall' });
    const response = await (await sent(comet)).answered;
    const [half] = await once(response, 'data');
    expect(`${half}`).toBe('{"done":3,"r');
    const aborted = once(response, 'error');
    comet.setFault();
    expect((await aborted)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await received(client)).toEqual(['1000 a', '1000 b', '1000 c']);
  });

  it('names a wrong content type', async () => {
    const comet = await start();
    comet.setFault({ kind: 'html' });
    const { data, headers } = await get(comet, '/v1/rooms');
    expect([headers['content-type'], data]).toEqual(['text/html', { rooms: [] }]);
  });

  it('pads its answer to a length that no header gives away', async () => {
    const comet = await start();
    comet.setFault({ kind: 'huge', bytes: 1_000_000 });
    const response = await fetch(`${comet.apiUrl}/v1/rooms`);
    const text = await response.text();
    expect([response.headers.get('content-length'), text.length]).toEqual([null, 1_000_000]);
    expect(JSON.parse(text)).toEqual({ rooms: [] });
  });

  it('applies only the first ops and says so', async () => {
    const comet = await start();
    const client = await connect(comet);
    comet.setFault({ kind: 'partial', done: 2 });
    expect((await postOps(comet, OPS)).data).toEqual({ done: 2, refused: [] });
    expect(await received(client)).toEqual(['1000 a', '1000 b']);
  });

  it('may be one of a single path', async () => {
    const comet = await start();
    comet.setFault({ kind: 'status', status: 500, path: '/v1/rooms' });
    expect((await get(comet, '/v1/rooms')).status).toBe(500);
    expect((await postOps(comet, OPS)).status).toBe(200);
  });

  it('may be one of a few requests', async () => {
    const comet = await start();
    comet.setFault({ kind: 'status', status: 500, path: '/v1/ops', times: 2 });
    const statuses: number[] = [];
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
    for (let call = 0; call < 3; call += 1) statuses.push((await postOps(comet, [allOp('x')])).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  it('ends with the next fault, with none, and with a start', async () => {
    const comet = await start();
    const status = async () => (await get(comet, '/v1/rooms')).status;
    comet.setFault({ kind: 'status', status: 500 });
    comet.setFault({ kind: 'status', status: 501 });
    expect(await status()).toBe(501);
    comet.setFault();
    expect(await status()).toBe(200);
    comet.setFault({ kind: 'status', status: 502 });
    await comet.start();
    expect(await status()).toBe(200);
  });
});
