import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openGrpcComet } from '../../../lib/comet/grpc/comet.ts';
import { GRPC_IDLE_MS, MAX_REPLY_BYTES, MAX_ROOMS_REPLY_BYTES } from '../../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { padded, writeRooms } from '../../../local/comet/grpc/messages.ts';
import { noteDeadlines } from '../../given-deadlines.ts';
import { pushOp, roomOp } from '../contract.ts';
import { startSilentProxy } from '../silent-proxy.ts';
import {
  EMPTY_REPLY,
  type Http2Peer,
  type PeerCall,
  reply,
  replyShort,
  startHttp2Peer,
} from './http2-peer.ts';

const never = new AbortController().signal;
const PATIENT_MS = 10_000;
const open: { close(): unknown }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of open.splice(0)) await one.close();
});

const start = async (answer: (call: PeerCall, count: number) => void): Promise<Http2Peer> => {
  let count = 0;
  const peer = await startHttp2Peer((call) => {
    count += 1;
    answer(call, count);
  });
  open.push(peer);
  return peer;
};
const client = (url: string, callMs = PATIENT_MS): CometClient => {
  const opened = openGrpcComet(url, { callMs });
  open.unshift(opened);
  return opened;
};
/** Moves the wall clock, as thawing a sandbox does. */
const thawAfter = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
};

describe('a gRPC call', () => {
  test('says what it is and how long it has', async () => {
    const peer = await start((call) => reply(call));
    await client(peer.url, 3_000).deliver([roomOp(1)], never);
    expect(peer.calls[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/goim.comet.Comet/BroadcastRoom',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '3000m',
    });
  });

  test('shares one connection with the others', async () => {
    const peer = await start((call) => reply(call));
    const opened = client(peer.url);
    await opened.deliver([roomOp(1), pushOp(2, ['k1']), pushOp(3, ['k2'])], never);
    await opened.deliver([roomOp(4)], never);
    expect([peer.calls.length, peer.sessions.length]).toEqual([4, 1]);
  });

  test('that cannot be made leaves its op undelivered, and no other', async () => {
    const peer = await start((call) => reply(call));
    const ops = [{ ...pushOp(1, ['k1']), operation: 2 ** 31 }, pushOp(2, ['k2'])];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The call could not be made' }),
      DELIVERED,
    ]);
  });
});

const ok = { 'grpc-status': '0' };
const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc' };

describe('an answer', () => {
  test.each<[string, (call: PeerCall) => void, string]>([
    ['no status', (call) => reply(call, EMPTY_REPLY, {}), 'COMET_REPLY_MALFORMED'],
    [
      'a status in words',
      (call) => reply(call, EMPTY_REPLY, { 'grpc-status': 'OK' }),
      'COMET_REPLY_MALFORMED',
    ],
    ['a frame that is cut off', (call) => reply(call, Buffer.alloc(3)), 'COMET_REPLY_MALFORMED'],
    [
      'less than its frame says',
      (call) => reply(call, Buffer.from('0000000002ff', 'hex')),
      'COMET_REPLY_MALFORMED',
    ],
    ['two messages', (call) => reply(call, Buffer.alloc(10)), 'COMET_REPLY_MALFORMED'],
    [
      'a compressed message',
      (call) => reply(call, Buffer.from('0100000000', 'hex')),
      'COMET_REPLY_MALFORMED',
    ],
    ['OK and no message', (call) => replyShort(call, ok), 'COMET_REPLY_MALFORMED'],
    [
      'HTML',
      (call) => reply(call, Buffer.from('<html>'), ok, { ':status': 200, 'content-type': 'text/html' }),
      'COMET_REPLY_MALFORMED',
    ],
    ['HTTP 404', (call) => reply(call, EMPTY_REPLY, {}, { ...grpcHeaders, ':status': 404 }), 'COMET_STATUS'],
    ['HTTP 503', (call) => reply(call, EMPTY_REPLY, {}, { ...grpcHeaders, ':status': 503 }), 'COMET_BUSY'],
    ['too much', (call) => reply(call, Buffer.alloc(MAX_REPLY_BYTES + 6)), 'COMET_REPLY_TOO_LARGE'],
    ['Unknown', (call) => replyShort(call, { 'grpc-status': '2', 'grpc-message': 'oh' }), 'COMET_STATUS'],
    ['a status that there is not', (call) => replyShort(call, { 'grpc-status': '99' }), 'COMET_STATUS'],
    ['that its time is over', (call) => replyShort(call, { 'grpc-status': '4' }), 'COMET_TIMEOUT'],
    ['Unavailable', (call) => replyShort(call, { 'grpc-status': '14' }), 'COMET_BUSY'],
    ['a full queue, of a room', (call) => replyShort(call, full), 'COMET_STATUS'],
    ['a reset for an internal error', ({ stream }) => stream.close(2), 'COMET_STATUS'],
    ['a reset that cancels', ({ stream }) => stream.close(8), 'COMET_STATUS'],
    ['a reset without an error', ({ stream }) => stream.close(0), 'COMET_REPLY_MALFORMED'],
    ['a reset because it is calm', ({ stream }) => stream.close(11), 'COMET_BUSY'],
    ['a reset before it looked, twice', ({ stream }) => stream.close(7), 'COMET_BUSY'],
  ])('of %s leaves the op undelivered', async (_name, answer, code) => {
    const peer = await start(answer);
    expect(await client(peer.url).deliver([roomOp(1)], never)).toMatchObject([
      { status: 'undelivered', code },
    ]);
  });

  test.each([
    ['2', 'UNKNOWN'],
    ['12', 'UNIMPLEMENTED: is its address a goim comet’s?'],
    ['99', 'status 99'],
  ])('of status %s is told by its name, not in the comet’s words', async (status, name) => {
    const peer = await start((call) =>
      replyShort(call, { 'grpc-status': status, 'grpc-message': 'no such key: k1' }),
    );
    expect(await client(peer.url).deliver([roomOp(1)], never)).toEqual([
      undelivered('COMET_STATUS', { detail: `The comet answered ${name}` }),
    ]);
  });

  test("that refuses an op keeps the comet's words, which may hold keys, out of the outcome", async () => {
    const peer = await start((call) =>
      replyShort(call, { 'grpc-status': '3', 'grpc-message': 'bad key k1' }),
    );
    const outcomes = await client(peer.url).deliver([pushOp(1, ['k1'])], never);
    expect(outcomes).toEqual([
      { status: 'dropped', reason: 'refused', detail: 'the comet answered status 3' },
    ]);
  });

  test.each(['rpc pushmsg arg error', 'rpc broadcast arg error', 'rpc broadcast  room arg error'])(
    'of "%s" refuses the op',
    async (words) => {
      const peer = await start((call) => replyShort(call, { 'grpc-status': '2', 'grpc-message': words }));
      expect(await client(peer.url).deliver([roomOp(1)], never)).toMatchObject([{ reason: 'refused' }]);
    },
  );
});

const full = { 'grpc-status': '2', 'grpc-message': 'signal channel full, msg dropped' };

describe('a room list over gRPC', () => {
  const rooms = (bytes: number): Buffer => {
    const message = padded(writeRooms(['live://1']), bytes);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };

  test('may have many megabytes', async () => {
    const peer = await start((call) => reply(call, rooms(MAX_ROOMS_REPLY_BYTES)));
    expect(await client(peer.url).rooms(never)).toEqual(new Set(['live://1']));
  });

  test('may not be over the limit', async () => {
    const peer = await start((call) => reply(call, rooms(MAX_ROOMS_REPLY_BYTES + 1)));
    await expect(client(peer.url).rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_TOO_LARGE' });
  });

  test('may not be malformed, nor a failure', async () => {
    const malformed = await start((call) => reply(call, Buffer.from('00000000020a7f', 'hex')));
    await expect(client(malformed.url).rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_MALFORMED' });
    const failing = await start((call) => replyShort(call, { 'grpc-status': '13' }));
    await expect(client(failing.url).rooms(never)).rejects.toMatchObject({ code: 'COMET_STATUS' });
  });
});

describe('a connection', () => {
  test('that the comet sends away is replaced; the call that it did not look at is sent again', async () => {
    const peer = await start((call, count) => (count === 2 ? call.session.goaway(0, 1) : reply(call)));
    const opened = client(peer.url);
    expect(await opened.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
    expect([peer.calls.length, peer.sessions.length]).toEqual([3, 2]);
  });

  test('that the comet sends away ends the calls that it took', async () => {
    const peer = await start((call, count) => {
      if (count === 1) call.session.goaway(0, 2 ** 31 - 1);
      reply(call);
    });
    const opened = client(peer.url);
    expect(await opened.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
    expect([peer.calls.length, peer.sessions.length]).toEqual([2, 2]);
  });

  test.each<[string, (call: PeerCall) => void]>([
    ['is closed for too many pings', ({ session }) => session.goaway(11)],
    ['breaks', ({ session }) => session.destroy()],
    ['is reset', ({ session }) => (session.socket as Socket).resetAndDestroy()],
  ])('that %s under a call is replaced, and the call sent again', async (_name, end) => {
    const peer = await start((call, count) => (count === 1 ? end(call) : reply(call)));
    expect(await client(peer.url).deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    expect(peer.sessions.length).toBe(2);
  });

  test('that breaks under each call leaves the op undelivered after two attempts', async () => {
    const peer = await start(({ session }) => session.destroy());
    expect(await client(peer.url).deliver([roomOp(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
    expect(peer.calls.length).toBe(2);
  });

  test('that breaks late under a call leaves its second attempt only the time that is left', async () => {
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const peer = await start(({ session }) => {
      now += PATIENT_MS;
      session.destroy();
    });
    expect(await client(peer.url).deliver([roomOp(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
    expect(peer.calls.length).toBe(1);
  });

  test('that breaks under a call, and whose next one is silent, ends with the deadline of the first', async () => {
    const late = PATIENT_MS - 100;
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now);
    const given = noteDeadlines();
    const grpc = await import('../../../lib/comet/grpc/comet.ts');
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const peer = await start(({ session }, count) => {
      if (count > 1) return;
      now += late;
      session.destroy();
    });
    const opened = grpc.openGrpcComet(peer.url, { callMs: PATIENT_MS });
    open.push(opened);
    expect(await opened.deliver([roomOp(1)], never)).toEqual([undelivered('COMET_TIMEOUT')]);
    expect(peer.calls.length).toBe(2);
    expect(given).toEqual([PATIENT_MS, PATIENT_MS - late]);
  });

  test('that the comet closed while it rested is replaced without a word', async () => {
    const peer = await start((call) => reply(call));
    const opened = client(peer.url);
    await opened.deliver([roomOp(1)], never);
    peer.sessions[0]?.close();
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
    expect(await opened.deliver([roomOp(3)], never)).toEqual([DELIVERED]);
  });

  test('that rested too long is not used again, also if nothing ran meanwhile', async () => {
    const peer = await start((call) => reply(call));
    const opened = client(peer.url);
    await opened.deliver([roomOp(1)], never);
    thawAfter(GRPC_IDLE_MS);
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
    expect(peer.sessions.length).toBe(2);
  });

  test('is closed with its client, and the calls on it end', async () => {
    const peer = await start(() => {});
    const opened = client(peer.url);
    const delivering = opened.deliver([roomOp(1)], never);
    await vi.waitUntil(() => peer.calls.length === 1, { timeout: 4_000 });
    const closed = once(peer.sessions[0] as NonNullable<(typeof peer.sessions)[0]>, 'close');
    opened.close();
    expect(await delivering).toEqual([undelivered('COMET_UNREACHABLE')]);
    await closed;
    expect(await opened.deliver([roomOp(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
    expect(peer.sessions.length).toBe(1);
  });

  test('to what speaks no HTTP/2 fails without a trace of bodies', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    open.push(server);
    const opened = client(`grpc://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const outcomes = await opened.deliver([roomOp(1)], never);
    expect(outcomes).toEqual([undelivered('COMET_UNREACHABLE')]);
    const failure = await opened.rooms(never).catch((error: unknown) => error);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('live://1');
  });
});

const startProxy = async (url: string) => {
  const proxy = await startSilentProxy(url);
  open.push(proxy);
  return proxy;
};

describe('a dead connection of a thawed sandbox', () => {
  test('is given up in a part of the time, and the call sent again on another', async () => {
    const peer = await start((call) => reply(call));
    const proxy = await startProxy(peer.url);
    const opened = client(proxy.url, 900);
    await opened.deliver([roomOp(1)], never);
    proxy.fallSilent();
    thawAfter(GRPC_IDLE_MS / 2);
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
    expect(peer.sessions.length).toBe(2);
  });

  test('of a comet that is gone costs one deadline, and is not used again', async () => {
    const peer = await start((call) => reply(call));
    const proxy = await startProxy(peer.url);
    const opened = client(proxy.url, 300);
    await opened.deliver([roomOp(1)], never);
    proxy.fallSilent();
    expect(await opened.deliver([roomOp(2)], never)).toEqual([undelivered('COMET_TIMEOUT')]);
    expect(await opened.deliver([roomOp(2)], never)).toEqual([DELIVERED]);
  });
});
