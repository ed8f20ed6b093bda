import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import { isAxiosError } from 'axios';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openHttpComet } from '../../../lib/comet/http/comet.ts';
import { MAX_REPLY_BYTES, MAX_ROOMS_REPLY_BYTES } from '../../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { type ReferenceComet, startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { fixed } from '../../fixed-secret.ts';
import { describeCometClient, roomOp } from '../contract.ts';
import { startSilentProxy } from '../silent-proxy.ts';

const never = new AbortController().signal;

describeCometClient('HTTP', {
  open: ({ apiUrl }, callMs) => openHttpComet(apiUrl, { callMs }),
  failing: [
    ['nothing', { kind: 'hang' }, 'COMET_TIMEOUT'],
    ['half an answer, and then nothing', { kind: 'stall' }, 'COMET_TIMEOUT'],
    ['half an answer', { kind: 'half' }, 'COMET_UNREACHABLE'],
    ['a reset', { kind: 'reset' }, 'COMET_UNREACHABLE'],
    ['500', { kind: 'status', status: 500 }, 'COMET_STATUS'],
    ['401', { kind: 'status', status: 401 }, 'COMET_UNAUTHORIZED'],
    ['another success', { kind: 'status', status: 204 }, 'COMET_STATUS'],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'COMET_STATUS'],
    ['429 and a time that is too long', { kind: 'busy', status: 429, retryAfterS: 3600 }, 'COMET_BUSY'],
    ['garbage', { kind: 'garbage' }, 'COMET_REPLY_MALFORMED'],
    ['HTML', { kind: 'html' }, 'COMET_REPLY_MALFORMED'],
    ['more than it was sent', { kind: 'json', body: { done: 3 } }, 'COMET_REPLY_MALFORMED'],
    ['a negative done', { kind: 'json', body: { done: -1 } }, 'COMET_REPLY_MALFORMED'],
    ['no done', { kind: 'json', body: {} }, 'COMET_REPLY_MALFORMED'],
    ['a list', { kind: 'json', body: [] }, 'COMET_REPLY_MALFORMED'],
    [
      'a refusal of an op that is not done',
      { kind: 'json', body: { done: 1, refused: [{ index: 1, reason: 'x' }] } },
      'COMET_REPLY_MALFORMED',
    ],
    ['too much', { kind: 'huge', bytes: MAX_REPLY_BYTES + 1 }, 'COMET_REPLY_TOO_LARGE'],
  ],
});

describe('the HTTP comet API', () => {
  let comet: ReferenceComet;
  let client: CometClient;
  let applied: string[];

  beforeEach(async () => {
    applied = [];
    comet = await startReferenceComet({
      id: 'c',
      host: '127.0.0.1',
      clientPort: 0,
      apiPort: 0,
      token: () => 'hunter2',
      onOp: ({ id }) => applied.push(id),
    });
    client = openHttpComet(comet.apiUrl, { callMs: 10_000, token: fixed('hunter2') });
  });
  afterEach(async () => {
    client.close();
    await comet.close();
  });

  test('is called with the bearer token', async () => {
    expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    const stranger = openHttpComet(comet.apiUrl, { callMs: 10_000 });
    expect(await stranger.deliver([roomOp(1)], never)).toMatchObject([{ code: 'COMET_UNAUTHORIZED' }]);
    stranger.close();
  });

  test('leaves exactly the ops undelivered that the comet did not get to', async () => {
    comet.setFault({ kind: 'partial', done: 2 });
    expect(await client.deliver([roomOp(1), roomOp(2), roomOp(3)], never)).toEqual([
      DELIVERED,
      DELIVERED,
      undelivered('COMET_PARTIAL'),
    ]);
  });

  test('sends nothing after an undelivered op, which it would pass', async () => {
    comet.setFault({ kind: 'partial', done: 999 });
    const ops = Array.from({ length: 1_500 }, (_, offset) => roomOp(offset));
    const outcomes = await client.deliver(ops, never);
    expect(outcomes.filter(({ status }) => status === 'delivered').length).toBe(999);
    expect(applied.length).toBe(999);
  });

  test('may say not now: the batch waits as long as Retry-After says, and is then delivered', async () => {
    comet.setFault({ kind: 'busy', status: 503, retryAfterS: 0, times: 2 });
    expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
  });

  test('may answer a room list of many megabytes', async () => {
    comet.setFault({ kind: 'huge', bytes: MAX_ROOMS_REPLY_BYTES });
    expect((await client.rooms(never)).size).toBe(0);
  });

  test('may not answer a room list over the limit', async () => {
    comet.setFault({ kind: 'huge', bytes: MAX_ROOMS_REPLY_BYTES + 1 });
    await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_TOO_LARGE' });
  });

  test.each([
    [{}, 'rooms is missing'],
    [{ rooms: {} }, 'rooms is not a list'],
    [{ rooms: ['a', ''] }, 'rooms[1] is empty'],
    [{ rooms: [1] }, 'rooms[0] is not text'],
    [[], 'rooms is missing'],
    [null, 'it is not an object'],
  ])('may not answer %j for its rooms, and hears why', async (body, problem) => {
    comet.setFault({ kind: 'json', body });
    await expect(client.rooms(never)).rejects.toMatchObject({
      code: 'COMET_REPLY_MALFORMED',
      message: `The comet's answer is malformed: ${problem}`,
    });
  });

  test.each([
    [{ done: '1' }, 'done is not a number'],
    [{ done: 0.5 }, 'done is not a whole number'],
    [{ done: 1, refused: 'none' }, 'refused is not a list'],
    [{ done: 1, refused: [{ index: 0 }] }, 'refused[0].reason is missing'],
    [{ done: 1, refused: [null] }, 'refused[0] is not an object'],
    [{ done: 2 }, 'done is more than was sent'],
  ])('may not answer %j to ops, and hears why', async (body, problem) => {
    comet.setFault({ kind: 'json', body });
    expect(await client.deliver([roomOp(1)], never)).toEqual([
      undelivered('COMET_REPLY_MALFORMED', { detail: `The comet's answer is malformed: ${problem}` }),
    ]);
  });

  test('may write an empty list as Go writes a nil slice', async () => {
    comet.setFault({ kind: 'json', body: { done: 1, refused: null } });
    expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    comet.setFault({ kind: 'json', body: { rooms: null } });
    expect((await client.rooms(never)).size).toBe(0);
  });

  test.each([
    [403, 'it does not let this caller in, or not this request'],
    [404, 'its address is not the API’s, or its base path'],
    [413, 'it must take requests of 4 MiB'],
    [500, 'its log says why'],
  ])('that answers %i, which is not the API’s, is told apart', async (status, hint) => {
    comet.setFault({ kind: 'status', status });
    expect(await client.deliver([roomOp(1)], never)).toEqual([
      undelivered('COMET_STATUS', { detail: `The comet answered ${status}: ${hint}` }),
    ]);
  });

  test('may stand behind a base path', async () => {
    const paths: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      paths.push(url);
      response.setHeader('Content-Type', 'application/json').end('{"rooms":[],"done":1}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway/push/`;
    const behind = openHttpComet(base, { callMs: 10_000 });
    await behind.rooms(never);
    await behind.deliver([roomOp(1)], never);
    behind.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(paths).toEqual(['/gateway/push/v1/rooms', '/gateway/push/v1/ops']);
  });

  test('is called directly, whatever proxy the environment names', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9');
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
    expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    vi.unstubAllEnvs();
  });

  test('may not say that a list is unchanged that was never asked for', async () => {
    comet.setFault({ kind: 'status', status: 304 });
    await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_STATUS' });
  });

  describe('says that its rooms have changed', () => {
    type Answer = { status: number; headers?: Record<string, string>; rooms?: string[] };
    const WAITS = { 'Preference-Applied': 'wait' };
    const list = (etag: string, ...rooms: string[]): Answer => ({
      status: 200,
      headers: { 'Content-Type': 'application/json', ETag: etag },
      rooms,
    });
    const waited = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, ...WAITS } });
    const unchanged: Answer = { status: 304 };
    /** Each request's headers; it waits until it is answered. */
    const open = async () => {
      const asked: { prefer: unknown; named: unknown; answer(answer: Answer): void }[] = [];
      const server = createServer(({ headers }, response) => {
        const answer = ({ status, headers: head, rooms }: Answer): void => {
          response.writeHead(status, head).end(rooms && JSON.stringify({ rooms }));
        };
        asked.push({ prefer: headers['prefer'], named: headers['if-none-match'], answer });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const own = openHttpComet(`http://127.0.0.1:${port}`, { callMs: 10_000 });
      onTestFinished(() => {
        own.close();
        server.closeAllConnections();
        server.close();
      });
      const next = async <T>(call: Promise<T>, given: Answer): Promise<T> => {
        const count = asked.length;
        await vi.waitUntil(() => asked.length > count, { timeout: 4_000 });
        asked.at(-1)?.answer(given);
        return call;
      };
      const change = async () => (await own.roomsChange?.(never)) ?? 'none';
      return { asked, next, change, rooms: () => own.rooms(never) };
    };

    test('when its list is not the last one any more, which is then known', async () => {
      const { asked, next, change, rooms } = await open();
      await next(rooms(), list('"1"', 'r'));
      expect(await next(change(), waited(unchanged))).toBe('unchanged');
      expect(await next(change(), waited(list('"2"', 'r', 's')))).toBe('changed');
      expect(await next(rooms(), unchanged)).toEqual(new Set(['r', 's']));
      expect(asked.map(({ prefer, named }) => [prefer, named])).toEqual([
        [undefined, undefined],
        ['wait=10', '"1"'],
        ['wait=10', '"1"'],
        [undefined, '"2"'],
      ]);
    });

    test('only if it says that it waits, and has an ETag', async () => {
      const { next, change, rooms } = await open();
      expect(await change()).toBe('unsupported');
      await next(rooms(), list('"1"', 'r'));
      expect(await next(change(), unchanged)).toBe('unsupported');
      await next(rooms(), { ...list('', 'r'), headers: { 'Content-Type': 'application/json' } });
      expect(await change()).toBe('unsupported');
    });

    test('and "unchanged" means the list that was named, also if another has come meanwhile', async () => {
      const { asked, next, change, rooms } = await open();
      await next(rooms(), list('"1"', 'r'));
      const asks = rooms();
      await vi.waitUntil(() => asked.length === 2, { timeout: 4_000 });
      await next(change(), waited(list('"0"')));
      asked[1]?.answer(unchanged);
      expect(await asks).toEqual(new Set(['r']));
    });
  });

  test('ends the wait for Retry-After with the signal', async () => {
    comet.setFault({ kind: 'busy', status: 503, retryAfterS: 5 });
    const controller = new AbortController();
    const delivering = client.deliver([roomOp(1)], controller.signal);
    const wait = vi.spyOn(controller.signal, 'addEventListener');
    await vi.waitUntil(() => wait.mock.calls.length > 0, { timeout: 4_000 });
    controller.abort();
    expect(await delivering).toMatchObject([{ code: 'COMET_BUSY' }]);
  }, 4_500);

  test('is called over one connection, and over a new one after a time in which the old one may have been closed', async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"rooms":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const kept = openHttpComet(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      callMs: 10_000,
    });
    await kept.rooms(never);
    await kept.rooms(never);
    expect(ports.size).toBe(1);
    const later = Date.now() + 60_000;
    vi.spyOn(Date, 'now').mockReturnValue(later);
    await kept.rooms(never);
    vi.restoreAllMocks();
    expect(ports.size).toBe(2);
    kept.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  describe('over a kept connection', () => {
    /** Answers the first request, and does with the second one what `second` does; new connections are answered. */
    const serve = async (second: (socket: Socket) => void) => {
      let requests = 0;
      const ports = new Set<number | undefined>();
      const server = createServer(({ socket }, response) => {
        requests += 1;
        ports.add(socket.remotePort);
        if (requests === 2) second(socket);
        else response.setHeader('Content-Type', 'application/json').end('{"rooms":[]}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const kept = openHttpComet(url, { callMs: 500 });
      onTestFinished(async () => {
        kept.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      await kept.rooms(never);
      return { kept, ports, requests: () => requests };
    };

    test('that was closed while it rested, is called once more over a new one', async () => {
      const { kept, ports, requests } = await serve((socket) => socket.resetAndDestroy());
      await kept.rooms(never);
      expect([requests(), ports.size]).toEqual([3, 2]);
    });

    test('that begins an answer and fails, is not called again', async () => {
      const { kept, requests } = await serve((socket) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
      );
      await expect(kept.rooms(never)).rejects.toMatchObject({ code: 'COMET_UNREACHABLE' });
      expect(requests()).toBe(2);
    });

    test('that is silent, is not called again within the deadline, and not used after it', async () => {
      const { kept, ports, requests } = await serve(() => {});
      await expect(kept.rooms(never)).rejects.toMatchObject({ code: 'COMET_TIMEOUT' });
      await kept.rooms(never);
      expect([requests(), ports.size]).toEqual([3, 2]);
    });
  });

  test('does not use any connection again that was kept while one was silent over a deadline', async () => {
    const proxy = await startSilentProxy(comet.apiUrl);
    const behind = openHttpComet(proxy.url, { callMs: 500, token: fixed('hunter2') });
    onTestFinished(() => {
      behind.close();
      proxy.close();
    });
    await Promise.all([1, 2, 3].map(() => behind.rooms(never)));
    proxy.fallSilent();
    await expect(behind.rooms(never)).rejects.toMatchObject({ code: 'COMET_TIMEOUT' });
    expect(await behind.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
  });

  test('gives the socket’s own error for a cause, and not axios’ with its URL', async () => {
    await comet.stop();
    const failure = await client.rooms(never).catch((error: unknown) => error);
    const { cause } = failure as Error;
    expect([isAxiosError(cause), cause]).toEqual([false, expect.objectContaining({ code: 'ECONNREFUSED' })]);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('/v1/rooms');
  });

  test('fails without a trace of bodies or the token', async () => {
    await comet.stop();
    const failure = await client.rooms(never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'COMET_UNREACHABLE', details: { network: 'ECONNREFUSED' } });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('hunter2');
  });
});
