import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  connectGoimClient,
  type GoimClient,
  type GoimClientOptions,
} from '../../../local/goim-client/client.ts';
import vectors from '../../vectors/goim.json' with { type: 'json' };
import { PATIENCE_MS, postOps, pushOp, roomOp, useComets } from '../comet/setup.ts';

const ONE_MESSAGE = vectors.webSocketV2['one message'].slice(4);
const TWO_MESSAGES =
  vectors.webSocketV2['two messages, header of frame and outer packet'].slice(4) +
  vectors.grpcV2['BroadcastRoomReq live://1000, 2 messages {"test":1} {"test":2}'].slice(-104);
const header = (length: number, operation: number): string =>
  `${length.toString(16).padStart(8, '0')}00100001${operation.toString(16).padStart(8, '0')}00000000`;
const reply = (operation: number): string => header(16, operation);
const textHex = (text: string): string => Buffer.from(text).toString('hex');

describe('against a comet of recorded bytes', () => {
  let server: WebSocketServer;
  let peer: WebSocket;
  let frames: string[];
  let frameArrived: () => void;
  let answers: Record<number, string>;

  beforeEach(async () => {
    answers = { 7: reply(8), 2: `${header(20, 3)}00000005`, 12: reply(13), 14: reply(15), 16: reply(17) };
    frames = [];
    frameArrived = () => {};
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => {
      peer = socket;
      socket.on('message', (data: Buffer) => {
        frames.push(data.toString('hex'));
        const answer = answers[data.readInt32BE(8)];
        if (answer !== undefined) socket.send(Buffer.from(answer, 'hex'));
        frameArrived();
      });
    });
    await once(server, 'listening');
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  const connect = (options: Partial<GoimClientOptions> = {}): Promise<GoimClient> => {
    const { port } = server.address() as AddressInfo;
    const url = `ws://127.0.0.1:${port}/sub`;
    return connectGoimClient({ url, key: 'k', roomId: 'r', accepts: [1, 2], ...options });
  };
  const send = (hex: string): void => peer.send(Buffer.from(hex, 'hex'));

  it('authenticates with the bytes of goim', async () => {
    await connect({ mid: 123, key: '', roomId: 'live://1000', platform: 'web', accepts: [1000, 1001, 1002] });
    const body = '{"mid":123,"key":"","room_id":"live://1000","platform":"web","accepts":[1000,1001,1002]}';
    expect(frames).toEqual([header(16 + body.length, 7) + textHex(body)]);
  });

  it('rejects if the comet closes the connection instead of an auth reply', async () => {
    answers = {};
    frameArrived = () => peer.close(1008, 'not you');
    await expect(connect()).rejects.toThrow('the connection closed (1008 not you)');
  });

  it('gives up a comet that does not answer', async () => {
    const client = await connect();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    answers = {};
    frameArrived = () => vi.advanceTimersByTime(10_000);
    await expect(client.heartbeat()).rejects.toThrow('the connection closed');
  });

  it('reads the message of a raw packet', async () => {
    const client = await connect();
    const before = Date.now();
    send(ONE_MESSAGE);
    const [message] = await client.waitForMessages(1, PATIENCE_MS);
    expect(message).toEqual({
      operation: 1000,
      body: Buffer.from('{"test":1}'),
      receivedAt: expect.any(Number),
    });
    expect(message?.receivedAt).toBeGreaterThanOrEqual(before);
  });

  it('reads all messages of a raw packet, in order', async () => {
    const client = await connect();
    send(TWO_MESSAGES);
    const messages = await client.waitForMessages(2, PATIENCE_MS);
    expect(messages.map(({ body }) => `${body}`)).toEqual(['{"test":1}', '{"test":2}']);
  });

  it('hands each message on, in order, and keeps none of them', async () => {
    const shown: string[] = [];
    const client = await connect({ onMessage: ({ body }) => shown.push(`${body}`) });
    send(TWO_MESSAGES);
    await vi.waitFor(() => expect(shown).toEqual(['{"test":1}', '{"test":2}']), PATIENCE_MS);
    expect(client.messages).toEqual([]);
  });

  it('asks with the operations of goim and reads how many are online', async () => {
    const client = await connect();
    frames = [];
    expect(await client.heartbeat()).toBe(5);
    await client.changeRoom('live://2000');
    await client.subscribe([1000, 1001]);
    await client.unsubscribe([1001]);
    expect(frames).toEqual([
      header(16, 2),
      header(27, 12) + textHex('live://2000'),
      header(25, 14) + textHex('1000,1001'),
      header(20, 16) + textHex('1001'),
    ]);
  });

  it('answers requests of one kind in their order', async () => {
    const client = await connect();
    delete answers[2];
    const both = Promise.all([client.heartbeat(), client.heartbeat()]);
    send(`${header(20, 3)}00000001`);
    send(`${header(20, 3)}00000002`);
    expect(await both).toEqual([1, 2]);
  });

  it('beats each 30 s', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const client = await connect();
    frames = [];
    vi.advanceTimersByTime(29_999);
    await client.changeRoom('');
    vi.advanceTimersByTime(1);
    await client.changeRoom('');
    expect(frames).toEqual([header(16, 12), header(16, 2), header(16, 12)]);
  });

  it('stops to beat when the connection closes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const client = await connect();
    peer.terminate();
    await client.closed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [
      'a message that is cut off',
      () => header(41, 9) + ONE_MESSAGE.slice(32, -2),
      'a packet has a wrong length',
    ],
    ['a message shorter than it says', () => header(32, 9) + header(17, 1000), 'a packet has a wrong length'],
    ['a packet length under 16', () => header(15, 3), 'a packet has a wrong length'],
    [
      'a header length that is not 16',
      () => reply(3).replace('00100001', '00110001'),
      'a header has a wrong length',
    ],
    ['a frame of two packets', () => reply(3) + reply(3), 'a frame is not one packet'],
    ['a frame shorter than a header', () => '0000', 'a packet is shorter than its header'],
    ['an empty frame', () => '', 'a frame is not one packet'],
    ['a reply to no request', () => reply(13), 'operation 13 answers no request'],
    ['a message outside a raw packet', () => ONE_MESSAGE.slice(32), 'operation 1000 answers no request'],
  ])('closes the connection for a protocol error at %s', async (_, hex, reason) => {
    const client = await connect();
    const closed = once(peer, 'close');
    send(hex());
    const [code, why] = await closed;
    expect([code, `${why}`]).toEqual([1002, reason]);
    expect(client.messages).toEqual([]);
  });

  it('waits no longer than it is told, and says what came', async () => {
    const client = await connect();
    send(ONE_MESSAGE);
    await client.waitForMessages(1, PATIENCE_MS);
    await expect(client.waitForMessages(2, 1)).rejects.toThrow('1 of 2 messages after 1 ms');
  });

  it('waits for nothing once the connection has closed', async () => {
    const client = await connect();
    const waiting = client.waitForMessages(1, PATIENCE_MS);
    const asking = client.changeRoom('r');
    delete answers[2];
    const unanswered = client.heartbeat();
    await asking;
    peer.close(1001, 'bye');
    await expect(waiting).rejects.toThrow('the connection closed (1001 bye)');
    await expect(unanswered).rejects.toThrow('the connection closed (1001 bye)');
    await expect(client.waitForMessages(1, PATIENCE_MS)).rejects.toThrow('1001 bye');
    await expect(client.heartbeat()).rejects.toThrow('not open');
    expect(await client.closed).toEqual({ code: 1001, reason: 'bye' });
  });

  it('still answers with messages that came before the connection closed', async () => {
    const client = await connect();
    send(ONE_MESSAGE);
    peer.close();
    await client.closed;
    expect(await client.waitForMessages(1, PATIENCE_MS)).toHaveLength(1);
  });

  it('closes its connection', async () => {
    const client = await connect();
    const closed = once(peer, 'close');
    await client.close();
    await closed;
    await client.close();
  });

  it('rejects if nobody listens', async () => {
    const url = 'ws://127.0.0.1:1/sub';
    await expect(connectGoimClient({ url, key: 'k', roomId: 'r', accepts: [] })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

describe('against the reference comet', () => {
  const { start, connect } = useComets();

  it('goes the whole way: room, operations, pushes and the number online', async () => {
    const comet = await start();
    const client = await connect(comet, { accepts: [] });
    const other = await connect(comet, { key: 'k2' });
    expect(await client.heartbeat()).toBe(2);
    await client.changeRoom('live://2000');
    expect(await other.heartbeat()).toBe(1);
    await client.subscribe([1000, 1001]);
    await client.unsubscribe([1000]);
    await postOps(comet, [
      pushOp(['k1'], 'a', 1000),
      pushOp(['k1'], 'b', 1001),
      roomOp('live://2000', 'c', 5),
    ]);
    const messages = await client.waitForMessages(2, PATIENCE_MS);
    expect(messages.map(({ operation, body }) => `${operation} ${body}`)).toEqual(['1001 b', '5 c']);
  });

  it('is closed when its key connects again', async () => {
    const comet = await start();
    const older = await connect(comet);
    await connect(comet);
    expect(await older.closed).toEqual({ code: 1008, reason: 'the key has connected again' });
  });
});
