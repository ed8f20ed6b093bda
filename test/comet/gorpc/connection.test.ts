import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openGorpcComet } from '../../../lib/comet/gorpc/comet.ts';
import { openComet } from '../../../lib/comet/open.ts';
import { GORPC_IDLE_MS, MAX_REPLY_BYTES } from '../../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { BYTES, INT, STRING, slice, struct } from '../../../lib/gob/type.ts';
import { pushOp, roomOp } from '../contract.ts';
import { startSilentProxy } from '../silent-proxy.ts';
import { type PeerCall, type RpcPeer, startRpcPeer } from './rpc-peer.ts';

const never = new AbortController().signal;
const PATIENT_MS = 10_000;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const one of open.splice(0)) await one.close();
});

const start = async (answer: (call: PeerCall, count: number) => void): Promise<RpcPeer> => {
  let count = 0;
  const peer = await startRpcPeer((call) => {
    count += 1;
    answer(call, count);
  });
  open.push(peer);
  return peer;
};
const client = (url: string, callMs = PATIENT_MS): CometClient => {
  const opened = openGorpcComet(url, { callMs });
  open.unshift(opened);
  return opened;
};
const toRoom = (offset: number) => roomOp(offset, '1');
/** Moves the wall clock, as thawing a sandbox does. */
const thawAfter = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
};

describe('a net/rpc call', () => {
  test('shares one connection with the others, each with a number of its own', async () => {
    const peer = await start((call) => call.reply());
    const opened = client(peer.url);
    await opened.deliver([toRoom(1), pushOp(2, ['k1']), roomOp(3, '2')], never);
    await opened.rooms(never).catch(() => {});
    expect(peer.sockets.length).toBe(1);
    expect(peer.calls.map(({ method }) => method).toSorted()).toEqual([
      'BroadcastRoom',
      'BroadcastRoom',
      'MPushMsg',
      'Rooms',
    ]);
    expect(peer.calls.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
  });

  test('gets its own answer, in whatever order they come', async () => {
    const held: PeerCall[] = [];
    const peer = await start((call, count) => {
      held.push(call);
      if (count < 3) return;
      for (const one of held.toReversed()) one.reply(one.seq === 1 ? 'no' : '');
    });
    const ops = [roomOp(1, '1'), roomOp(2, '2'), roomOp(3, '3')];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      DELIVERED,
      undelivered('COMET_STATUS', { detail: 'The comet answered an error' }),
      DELIVERED,
    ]);
  });

  test('that cannot be written leaves its op undelivered, and no other', async () => {
    const peer = await start((call) => call.reply());
    const ops = [{ ...pushOp(1, ['k1']), operation: 2 ** 60 }, roomOp(2, '2')];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The call could not be made' }),
      DELIVERED,
    ]);
    expect(await client(peer.url).deliver([toRoom(3)], never)).toEqual([DELIVERED]);
  });
});

describe('an answer', () => {
  test.each([
    ['an error', 'something with k1 in it'],
    ['that it has not the method', "rpc: can't find method PushRPC.BroadcastRoom"],
  ])('of %s fails the call, and its words go nowhere', async (_name, words) => {
    const peer = await start((call) => call.reply(words));
    const opened = client(peer.url);
    expect(await opened.deliver([toRoom(1)], never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The comet answered an error' }),
    ]);
    const failure = await opened.rooms(never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'COMET_STATUS' });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(words);
    expect(peer.sockets.length).toBe(1);
  });

  test('to a call that was given up is nobody’s, and the connection goes on', async () => {
    const held: PeerCall[] = [];
    const peer = await start((call) => {
      if (call.method === 'Rooms') return call.reply();
      held.push(call);
      if (held.length < 2) return;
      held[0]?.reply('too late');
      held[1]?.reply();
    });
    const opened = client(peer.url, 200);
    const asking = setInterval(() => opened.rooms(never).catch(() => {}), 10);
    expect(await opened.deliver([toRoom(1)], never)).toEqual([undelivered('COMET_TIMEOUT')]);
    clearInterval(asking);
    expect(await opened.deliver([roomOp(2, '2')], never)).toEqual([DELIVERED]);
    expect([held.length, peer.sockets.length]).toEqual([2, 1]);
  });

  test('that nobody asked for is passed over', async () => {
    const peer = await start((call) => {
      call.reply();
      call.reply();
    });
    const opened = client(peer.url);
    for (const offset of [1, 2, 3])
      expect(await opened.deliver([roomOp(offset, `${offset}`)], never)).toEqual([DELIVERED]);
    expect(peer.sockets.length).toBe(1);
  });

  test.each<[string, (call: PeerCall) => void]>([
    ['no gob', ({ socket }) => socket.write(Buffer.from('05ff8200ffff', 'hex'))],
    ['HTTP', ({ socket }) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(20))],
  ])('that is %s is malformed, and the connection replaced', async (_name, spoil) => {
    const peer = await start((call, count) => (count === 1 ? spoil(call) : call.reply()));
    const opened = client(peer.url);
    expect(await opened.deliver([toRoom(1)], never)).toEqual([
      undelivered('COMET_REPLY_MALFORMED', { detail: "The comet's answer is no net/rpc" }),
    ]);
    expect(await opened.deliver([toRoom(2)], never)).toEqual([DELIVERED]);
    expect(peer.sockets.length).toBe(2);
  });

  test('that is too large fails its call alone; the others are asked for again', async () => {
    const held: PeerCall[] = [];
    const peer = await start((call, count) => {
      if (count > 2) return call.reply();
      if (held.push(call) < 2) return;
      held[0]?.replyWith(struct('', { Text: BYTES }), { Text: Buffer.alloc(MAX_REPLY_BYTES) });
    });
    const ops = [roomOp(1, '1'), roomOp(2, '2')];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      undelivered('COMET_REPLY_TOO_LARGE'),
      DELIVERED,
    ]);
    expect([peer.calls.length, peer.sockets.length]).toEqual([3, 2]);
  });

  test.each([
    ['a list of texts', struct('', { RoomIds: STRING }), { RoomIds: '1' }],
    ['an id that is no int32', struct('', { RoomIds: slice(INT) }), { RoomIds: [2 ** 31] }],
  ])('with %s is no room list', async (_name, type, value) => {
    const peer = await start((call) => call.replyWith(type, value as never));
    await expect(client(peer.url).rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_MALFORMED' });
  });
});

describe('a connection', () => {
  test.each<[string, (call: PeerCall) => void]>([
    ['ends', ({ socket }) => socket.end()],
    ['breaks', ({ socket }) => socket.destroy()],
    ['is reset', ({ socket }) => socket.resetAndDestroy()],
  ])('that %s under a call is replaced, and the call sent again', async (_name, end) => {
    const peer = await start((call, count) => (count === 1 ? end(call) : call.reply()));
    expect(await client(peer.url).deliver([toRoom(1)], never)).toEqual([DELIVERED]);
    expect(peer.sockets.length).toBe(2);
  });

  test('that breaks under each call leaves the op undelivered after two attempts', async () => {
    const peer = await start(({ socket }) => socket.destroy());
    expect(await client(peer.url).deliver([toRoom(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
    expect(peer.calls.length).toBe(2);
  });

  test('that the comet closed while it rested is replaced without a word', async () => {
    const peer = await start((call) => call.reply());
    const opened = client(peer.url);
    await opened.deliver([toRoom(1)], never);
    peer.sockets[0]?.destroy();
    expect(await opened.deliver([toRoom(2)], never)).toEqual([DELIVERED]);
    expect(await opened.deliver([toRoom(3)], never)).toEqual([DELIVERED]);
  });

  test('that rested too long is not used again, also if nothing ran meanwhile', async () => {
    const peer = await start((call) => call.reply());
    const opened = client(peer.url);
    await opened.deliver([toRoom(1)], never);
    thawAfter(GORPC_IDLE_MS);
    expect(await opened.deliver([toRoom(2)], never)).toEqual([DELIVERED]);
    expect(peer.sockets.length).toBe(2);
  });

  test('is closed with its client, and the calls on it end', async () => {
    const peer = await start(() => {});
    const opened = client(peer.url);
    const delivering = opened.deliver([toRoom(1)], never);
    await vi.waitUntil(() => peer.calls.length === 1, { timeout: 4_000 });
    const closed = once(peer.sockets[0] as Socket, 'close');
    opened.close();
    expect(await delivering).toEqual([undelivered('COMET_UNREACHABLE')]);
    await closed;
    expect(await opened.deliver([toRoom(1)], never)).toEqual([undelivered('COMET_UNREACHABLE')]);
    expect(peer.sockets.length).toBe(1);
  });

  test('to what falls silent after a rest is given up in a part of the time, and the call sent again', async () => {
    const peer = await start((call) => call.reply());
    const proxy = await startSilentProxy(peer.url);
    open.push(proxy);
    const opened = client(proxy.url, 900);
    await opened.deliver([toRoom(1)], never);
    proxy.fallSilent();
    thawAfter(GORPC_IDLE_MS / 2);
    expect(await opened.deliver([toRoom(2)], never)).toEqual([DELIVERED]);
    expect(peer.sockets.length).toBe(2);
  });

  test('to a comet that is gone costs one deadline, and is not used again', async () => {
    const peer = await start((call) => call.reply());
    const proxy = await startSilentProxy(peer.url);
    open.push(proxy);
    const opened = client(proxy.url, 300);
    await opened.deliver([toRoom(1)], never);
    proxy.fallSilent();
    expect(await opened.deliver([toRoom(2)], never)).toEqual([undelivered('COMET_TIMEOUT')]);
    expect(await opened.deliver([toRoom(2)], never)).toEqual([DELIVERED]);
  });
});

describe('several addresses', () => {
  test.each([
    ['of one wire', 'gorpc://127.0.0.1:9?bodies=any'],
    ['of two wires', 'http://127.0.0.1:9'],
  ])('%s are tried in turn within a call', async (_name, dead) => {
    const peer = await start((call) => call.reply());
    const opened = openComet({ id: '1', addresses: [dead, peer.url] });
    open.unshift(opened);
    expect(await opened.deliver([toRoom(1), pushOp(2, ['k1'])], never)).toEqual([DELIVERED, DELIVERED]);
  });

  test('over IPv6 are taken as a URL writes them', async () => {
    const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '::1');
    await once(server, 'listening');
    open.push(server);
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection');
    expect(
      await client(`gorpc://[::1]:${port}`)
        .rooms(never)
        .catch(({ code }) => code),
    ).toBe('COMET_UNREACHABLE');
    await accepted;
  });

  test.each(['gorpc://127.0.0.1', 'gorpc://', 'gorpc:'])('cannot be %s', (address) => {
    expect(() => openComet({ id: '1', addresses: [address] })).toThrow(
      expect.objectContaining({ code: 'COMET_ADDRESS_INVALID' }),
    );
  });
});
