import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect as connectTcp } from 'node:net';
import axios from 'axios';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Op } from '../../../../lib/domain/op.ts';
import type { ReferenceComet } from '../../../../local/comet/reference-comet.ts';
import { allOp, get, postOps, pushOp, received, roomOp, useComets } from '../setup.ts';

const openApi = parse(readFileSync(new URL('../../../../docs/comet-api.yaml', import.meta.url), 'utf8'));
const { requestBody } = openApi.paths['/v1/ops'].post;
const { start, connect } = useComets();

const post = ({ apiUrl }: ReferenceComet, body: unknown, headers = {}) =>
  axios.post(`${apiUrl}/v1/ops`, body, { headers, validateStatus: () => true });

describe('POST /v1/ops', () => {
  it('applies the ops in order and says that all are done', async () => {
    const comet = await start();
    const client = await connect(comet);
    const ops = [pushOp(['k1'], 'a'), roomOp('live://1000', 'b'), allOp('c'), pushOp(['k1'], 'd')];
    const { status, data } = await postOps(comet, ops);
    expect([status, data]).toEqual([200, { done: 4, refused: [] }]);
    expect(await received(client)).toEqual(['1000 a', '1000 b', '1000 c', '1000 d']);
    expect(comet.delivered).toEqual({ push: 2, room: 1, all: 1, slow: 0 });
  });

  it('reaches by key and by broadcast only who accepts the operation, by room everyone', async () => {
    const comet = await start();
    const client = await connect(comet, { accepts: [7] });
    await postOps(comet, [
      pushOp(['k1'], 'a'),
      allOp('b'),
      roomOp('live://1000', 'c'),
      pushOp(['k1'], 'd', 7),
    ]);
    expect(await received(client)).toEqual(['1000 c', '7 d']);
  });

  it('reaches nobody but the keys and the room of the op', async () => {
    const comet = await start();
    const other = await connect(comet, { key: 'k2', roomId: 'live://2000' });
    await postOps(comet, [pushOp(['k1'], 'a'), roomOp('live://1000', 'b'), pushOp(['k2'], 'c')]);
    expect(await received(other)).toEqual(['1000 c']);
  });

  it('is done with ops whose connections are not there', async () => {
    const { data } = await postOps(await start(), [pushOp(['k1'], 'a'), roomOp('r', 'b'), allOp('c')]);
    expect(data).toEqual({ done: 3, refused: [] });
  });

  it('answers a broadcast with a speed at once', async () => {
    const comet = await start();
    const clients = await Promise.all(['k1', 'k2', 'k3'].map((key) => connect(comet, { key })));
    expect((await postOps(comet, [allOp('a', 1000, 1)])).data).toEqual({ done: 1, refused: [] });
    expect(await Promise.all(clients.map(received))).toEqual([['1000 a'], ['1000 a'], ['1000 a']]);
  });

  it('refuses what it will never take, names it and applies the others', async () => {
    const comet = await start({ maxBodyBytes: 4 });
    const client = await connect(comet, { accepts: [9, 1000] });
    const { data } = await postOps(comet, [
      pushOp(['k1'], 'large'),
      pushOp(['k1'], 'four'),
      pushOp(['k1'], 'raw', 9),
    ]);
    expect(data).toEqual({
      done: 3,
      refused: [
        { index: 0, reason: 'the body of 5 bytes is larger than 4' },
        { index: 2, reason: "operation 9 is the raw packet's own" },
      ],
    });
    expect(await received(client)).toEqual(['1000 four']);
  });

  it('shows each op to who started the comet, in order', async () => {
    const seen: Op[] = [];
    const ops = [allOp('a', 1000, 250), pushOp(['k1'], 'b', 9)];
    await postOps(await start({ onOp: (op) => seen.push(op) }), ops);
    expect(seen).toEqual(ops);
  });

  it.each(Object.entries<{ value: object }>(requestBody.content['application/json'].examples))(
    "takes the specification's example of type %s",
    async (_, { value }) => {
      expect((await post(await start(), value)).status).toBe(200);
    },
  );

  it('takes a large message and 1000 ops', async () => {
    const comet = await start();
    const client = await connect(comet);
    expect((await postOps(comet, [pushOp(['k1'], 'x'.repeat(256 * 1024))])).status).toBe(200);
    expect(
      (
        await postOps(
          comet,
          Array.from({ length: 1000 }, () => allOp('')),
        )
      ).data.done,
    ).toBe(1000);
    expect((await client.waitForMessages(1001, 10_000))[0]?.body.length).toBe(256 * 1024);
  });

  const push: object = pushOp(['k1'], 'secret');
  it.each([
    ['no JSON', '{"ops":'],
    ['no object', '[]'],
    ['no ops', {}],
    ['an empty batch', { ops: [] }],
    ['1001 ops', { ops: Array.from({ length: 1001 }, () => push) }],
    ['an unknown type', { ops: [{ ...push, type: 'secret' }] }],
    ['no id', { ops: [{ ...push, id: undefined }] }],
    ['an empty id', { ops: [{ ...push, id: '' }] }],
    ['no keys', { ops: [{ ...push, keys: [] }] }],
    ['an empty key', { ops: [{ ...push, keys: [''] }] }],
    ['an empty room', { ops: [{ ...roomOp('', 'secret') }] }],
    ['a negative speed', { ops: [allOp('secret', 1000, -1)] }],
    ['no speed', { ops: [{ ...push, type: 'all' }] }],
    ['an operation beyond an int32', { ops: [pushOp(['k1'], 'secret', 2 ** 31)] }],
    ['a body that is not base64', { ops: [{ ...push, body: 'secret!' }] }],
    ['a timestamp that is no integer', { ops: [{ ...push, timestamp: 1.5 }] }],
    ['a timestamp before 1970', { ops: [{ ...push, timestamp: -1 }] }],
    ['a timestamp beyond 2^53', { ops: [{ ...push, timestamp: 2 ** 53 }] }],
  ])('answers 400 to %s, applies nothing and repeats no value', async (_, body) => {
    const comet = await start();
    const client = await connect(comet);
    const { status, data } = await post(comet, body, { 'content-type': 'application/json' });
    expect([status, data]).toEqual([400, { error: expect.any(String) }]);
    expect(data.error).not.toContain('secret');
    expect(await received(client)).toEqual([]);
  });

  it('says where the mistake is', async () => {
    const { data } = await post(await start(), { ops: [push, { ...push, keys: [1] }] });
    expect(data.error).toContain('ops.1.keys.0');
  });

  it('answers 400 to another content type than JSON', async () => {
    const comet = await start();
    const { status } = await post(comet, JSON.stringify({ ops: [push] }), { 'content-type': 'text/plain' });
    expect(status).toBe(400);
  });

  it('answers 413 to a request over its limit, and goes on', async () => {
    const comet = await start({ maxRequestBytes: 1000 });
    const { status, data } = await postOps(comet, [allOp('x'.repeat(5_000_000))]);
    expect([status, data]).toEqual([413, { error: 'more than 1000 bytes' }]);
    expect((await postOps(comet, [allOp('x')])).status).toBe(200);
  });
});

describe('GET /v1/rooms', () => {
  it('lists the rooms with a connection', async () => {
    const comet = await start();
    await connect(comet, { key: 'k1', roomId: 'live://1001' });
    await connect(comet, { key: 'k2', roomId: 'live://1000' });
    const { status, data, headers } = await get(comet, '/v1/rooms');
    expect([status, data]).toEqual([200, { rooms: ['live://1000', 'live://1001'] }]);
    expect(headers).toMatchObject({
      etag: expect.stringMatching(/^"[^"]+"$/),
      'content-type': 'application/json',
    });
  });

  it('answers 304 while the list is the one that If-None-Match names', async () => {
    const comet = await start();
    const client = await connect(comet);
    const { etag } = (await get(comet, '/v1/rooms')).headers;
    const again = async (named: string) => (await get(comet, '/v1/rooms', { 'if-none-match': named })).status;
    expect(await Promise.all([etag, `"x", ${etag}`, `W/${etag}`, '*'].map(again))).toEqual([
      304, 304, 304, 304,
    ]);
    expect(await again('"x"')).toBe(200);
    await client.changeRoom('live://2000');
    expect(await again(etag)).toBe(200);
    await client.changeRoom('live://1000');
    const { data, headers } = await get(comet, '/v1/rooms', { 'if-none-match': etag });
    expect([data, headers['etag']]).toEqual(['', etag]);
  });

  it('waits with a 304 for as long as it is asked to, and answers as soon as the list is another', async () => {
    const comet = await start();
    const client = await connect(comet);
    const { etag } = (await get(comet, '/v1/rooms')).headers;
    const waiting = get(comet, '/v1/rooms', { 'if-none-match': etag, prefer: 'respond-async, wait=60' });
    // Asked later and answered: the first one waits.
    await get(comet, '/v1/rooms');
    await client.changeRoom('live://2000');
    const { status, data, headers } = await waiting;
    expect([status, data, headers['preference-applied']]).toEqual([200, { rooms: ['live://2000'] }, 'wait']);
    const unchanged = { 'if-none-match': headers['etag'], prefer: 'wait=1' };
    expect(await get(comet, '/v1/rooms', unchanged)).toMatchObject({
      status: 304,
      headers: { 'preference-applied': 'wait' },
    });
    expect((await get(comet, '/v1/rooms', { prefer: 'wait=60' })).status).toBe(200);
  });
});

describe('the comet API', () => {
  it('does not mind a query', async () => {
    expect((await get(await start(), '/v1/rooms?x=1')).status).toBe(200);
  });

  it('answers 404 to another path', async () => {
    expect(await get(await start(), '/v2/rooms')).toMatchObject({
      status: 404,
      data: { error: expect.any(String) },
    });
  });

  it('answers 405 to another method, and names the one', async () => {
    const comet = await start();
    expect(await get(comet, '/v1/ops')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    const { status } = await axios.delete(`${comet.apiUrl}/v1/rooms`, { validateStatus: () => true });
    expect(status).toBe(405);
  });

  it.each(['/v1/rooms', '/v1/ops'])('asks for its token at %s', async (path) => {
    const comet = await start({ token: () => 'right' });
    const call = (headers: object) =>
      path === '/v1/ops' ? postOps(comet, [allOp('x')], headers) : get(comet, path, headers);
    expect((await call({})).status).toBe(401);
    const wrong = await call({ authorization: 'Bearer wrong' });
    expect([wrong.status, wrong.data]).toEqual([401, { error: expect.any(String) }]);
    expect((await call({ authorization: 'Bearer right' })).status).toBeLessThan(300);
  });

  it('answers with the statuses that the specification has', async () => {
    const comet = await start({ token: () => 't', maxRequestBytes: 1000 });
    const bearer = { authorization: 'Bearer t' };
    const { etag } = (await get(comet, '/v1/rooms', bearer)).headers;
    const ops = [
      await postOps(comet, [allOp('x')], bearer),
      await postOps(comet, [], bearer),
      await postOps(comet, [allOp('x')]),
      await postOps(comet, [allOp('x'.repeat(1000))], bearer),
    ];
    const rooms = [
      await get(comet, '/v1/rooms', bearer),
      await get(comet, '/v1/rooms', { ...bearer, 'if-none-match': etag }),
      await get(comet, '/v1/rooms'),
    ];
    const statuses = (responses: { status: number }[]) => responses.map(({ status }) => `${status}`);
    const busy = ['429', '503'];
    expect(Object.keys(openApi.paths['/v1/ops'].post.responses)).toEqual([...statuses(ops), ...busy]);
    expect(Object.keys(openApi.paths['/v1/rooms'].get.responses)).toEqual(statuses(rooms));
  });

  it('keeps a connection for the next request', async () => {
    const comet = await start();
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () => axios.get(`${comet.apiUrl}/v1/rooms`, { httpAgent });
    await ask();
    expect((await ask()).request.reusedSocket).toBe(true);
    httpAgent.destroy();
  });

  it('survives a caller that goes away in the middle of its request', async () => {
    const comet = await start();
    const socket = connectTcp(Number(new URL(comet.apiUrl).port), '127.0.0.1');
    const headers = ['Host: x', 'Expect: 100-continue', 'Content-Length: 1000'].join('\r\n');
    socket.write(`POST /v1/ops HTTP/1.1\r\n${headers}\r\n\r\n{"ops":[`);
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect((await get(comet, '/v1/rooms')).status).toBe(200);
  });
});
