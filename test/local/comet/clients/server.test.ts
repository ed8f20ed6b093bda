import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { encodePacket, OPERATION } from '../../../../lib/domain/packet.ts';
import { type Connections, createConnections } from '../../../../local/comet/clients/connections.ts';
import { type ClientServer, startClientServer } from '../../../../local/comet/clients/server.ts';
import vectors from '../../../vectors/goim.json' with { type: 'json' };

const HEARTBEAT_TIMEOUT_MS = 60_000;
const ONE_MESSAGE = Buffer.from(vectors.webSocketV2['one message'], 'hex');
const TWO_MESSAGES = Buffer.from(
  vectors.webSocketV2['two messages, header of frame and outer packet'] +
    vectors.grpcV2['BroadcastRoomReq live://1000, 2 messages {"test":1} {"test":2}'].slice(-104),
  'hex',
);

let connections: Connections;
let server: ClientServer;

const startServer = (maxBufferedBytes = 1_000_000): Promise<ClientServer> =>
  startClientServer({
    connections,
    host: '127.0.0.1',
    port: 0,
    heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
    maxBufferedBytes,
  });

beforeEach(async () => {
  connections = createConnections();
  server = await startServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const packet = (operation: number, body = '', sequence = 0): Buffer =>
  encodePacket({ version: 1, operation, sequence, body: Buffer.from(body) });

const authPacket = (auth: object = {}): Buffer =>
  packet(
    OPERATION.auth,
    JSON.stringify({
      mid: 123,
      key: 'k1',
      room_id: 'live://1000',
      platform: 'web',
      accepts: [1000],
      ...auth,
    }),
  );

const openSocket = async (): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/sub`);
  await once(socket, 'open');
  return socket;
};

/** Sends one frame and answers the next one that is no push, as hex. */
const exchange = (socket: WebSocket, frame: Buffer): Promise<string> =>
  new Promise((resolve) => {
    const listen = (data: Buffer) => {
      if (data.readInt32BE(8) === OPERATION.raw) return;
      socket.off('message', listen);
      resolve(data.toString('hex'));
    };
    socket.on('message', listen);
    socket.send(frame);
  });

/** Resolves when the next connection has been removed. */
const removal = (): Promise<void> =>
  new Promise((resolve) => {
    const { remove } = connections;
    connections.remove = (connection) => {
      remove(connection);
      resolve();
    };
  });

const closeOf = async (socket: WebSocket): Promise<string> => {
  const [code, reason] = await once(socket, 'close');
  return `${code} ${reason}`;
};

const authenticated = async (auth: object = {}): Promise<WebSocket> => {
  const socket = await openSocket();
  await exchange(socket, authPacket(auth));
  return socket;
};

const online = (count: number): string =>
  `${packet(3).toString('hex').replace('00000010', '00000014')}${count.toString(16).padStart(8, '0')}`;

describe('auth', () => {
  it('answers operation 8 with an empty body', async () => {
    expect(await exchange(await openSocket(), authPacket())).toBe(packet(8).toString('hex'));
  });

  it('ignores every packet before auth', async () => {
    const socket = await openSocket();
    for (const operation of [OPERATION.heartbeat, OPERATION.changeRoom, OPERATION.subscribe, 1000]) {
      socket.send(packet(operation, '1'));
    }
    expect(await exchange(socket, authPacket())).toBe(packet(8).toString('hex'));
  });

  it('puts the connection under its key, in its room, with what it accepts', async () => {
    const socket = await authenticated();
    expect(connections.rooms()).toEqual(['live://1000']);
    const frame = once(socket, 'message');
    connections.push(['k1'], 1000, packet(9, 'pushed'));
    expect(`${(await frame)[0]}`).toContain('pushed');
  });

  it('gives each connection with an empty key a key of its own', async () => {
    const first = await authenticated({ key: '' });
    await authenticated({ key: '' });
    expect(await exchange(first, packet(OPERATION.heartbeat))).toBe(online(2));
  });

  it('takes absent fields for empty ones', async () => {
    const socket = await openSocket();
    expect(await exchange(socket, packet(OPERATION.auth, '{}'))).toBe(packet(8).toString('hex'));
    expect(connections.rooms()).toEqual([]);
  });

  it.each(['not json', 'null', '{"key":1}', '{"accepts":["1000"]}'])(
    'closes a connection whose auth body is %s',
    async (body) => {
      const socket = await openSocket();
      socket.send(packet(OPERATION.auth, body));
      expect(await closeOf(socket)).toBe('1008 the auth body is malformed');
    },
  );

  it('closes the older connection when its key connects again', async () => {
    const older = await authenticated();
    const closed = closeOf(older);
    const newer = await authenticated();
    expect(await closed).toBe('1008 the key has connected again');
    expect(await exchange(newer, packet(OPERATION.heartbeat))).toBe(online(1));
  });

  it('does not hear a connection that it has closed', async () => {
    const older = await authenticated();
    const closed = closeOf(older);
    const changeRoom = vi.spyOn(connections, 'changeRoom');
    older.pause();
    await authenticated({ room_id: 'other' });
    older.send(packet(OPERATION.changeRoom, 'from the grave'));
    older.resume();
    await closed;
    expect(changeRoom).not.toHaveBeenCalled();
  });
});

describe('an authenticated client', () => {
  it('gets the number of those online in its room for a heartbeat', async () => {
    const socket = await authenticated();
    await authenticated({ key: 'k2' });
    await authenticated({ key: 'k3', room_id: 'other' });
    expect(await exchange(socket, packet(OPERATION.heartbeat))).toBe(online(2));
  });

  it('changes its room', async () => {
    const socket = await authenticated();
    const reply = await exchange(socket, packet(OPERATION.changeRoom, 'live://2000'));
    expect(reply).toBe(packet(13, 'live://2000').toString('hex'));
    expect(connections.rooms()).toEqual(['live://2000']);
  });

  it('subscribes to and unsubscribes from operations', async () => {
    const socket = await authenticated();
    const delivered = (operation: number) => {
      const before = connections.delivered.push;
      connections.push(['k1'], operation, packet(9));
      return connections.delivered.push - before;
    };
    expect(await exchange(socket, packet(OPERATION.subscribe, '7,8'))).toBe(
      packet(15, '7,8').toString('hex'),
    );
    expect([delivered(7), delivered(8), delivered(1000)]).toEqual([1, 1, 1]);
    expect(await exchange(socket, packet(OPERATION.unsubscribe, '7,1000'))).toBe(
      packet(17, '7,1000').toString('hex'),
    );
    expect([delivered(7), delivered(8), delivered(1000)]).toEqual([0, 1, 0]);
  });

  it('gets a reply to a malformed list of operations, and no subscription', async () => {
    const socket = await authenticated();
    expect(await exchange(socket, packet(OPERATION.subscribe, '7,x'))).toBe(
      packet(15, '7,x').toString('hex'),
    );
    connections.push(['k1'], 7, packet(9));
    expect(connections.delivered.push).toBe(0);
  });

  it('finds its sequence in the reply', async () => {
    const socket = await authenticated();
    const reply = await exchange(socket, packet(OPERATION.subscribe, '7', 99));
    expect(reply).toBe(packet(15, '7', 99).toString('hex'));
  });

  it('gets no answer to an operation that the comet does not know', async () => {
    const socket = await authenticated();
    socket.send(packet(OPERATION.send, 'hello'));
    expect(await exchange(socket, packet(OPERATION.heartbeat))).toBe(online(1));
  });

  it('leaves its room when it disconnects', async () => {
    const socket = await authenticated();
    const witness = await authenticated({ key: 'k2', room_id: 'other' });
    const removed = removal();
    socket.terminate();
    await removed;
    expect(connections.rooms()).toEqual(['other']);
    expect(await exchange(witness, packet(OPERATION.heartbeat))).toBe(online(1));
  });
});

describe('what a client sends', () => {
  it('may have a body of 4096 bytes', async () => {
    const socket = await authenticated();
    const room = 'r'.repeat(4096);
    expect(await exchange(socket, packet(OPERATION.changeRoom, room))).toBe(packet(13, room).toString('hex'));
  });

  it('closes the connection with a body of 4097 bytes', async () => {
    const socket = await authenticated();
    socket.send(packet(OPERATION.changeRoom, 'r'.repeat(4097)));
    expect(await closeOf(socket)).toMatch(/^1009/);
  });

  it.each([
    ['a header length that is not 16', () => Buffer.from(packet(2)).fill(0x11, 5, 6)],
    ['a frame shorter than a header', () => packet(2).subarray(0, 15)],
    ['a frame of two packets', () => Buffer.concat([packet(2), packet(2)])],
    ['an empty frame', () => Buffer.alloc(0)],
  ])('closes the connection with %s', async (_, frame) => {
    const socket = await authenticated();
    socket.send(frame());
    expect(await closeOf(socket)).toBe('1002 not one packet');
  });
});

describe('a silent client', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));

  it('is closed after the heartbeat time-out', async () => {
    const socket = await authenticated();
    vi.advanceTimersByTime(HEARTBEAT_TIMEOUT_MS);
    expect(await closeOf(socket)).toBe('1008 no heartbeat');
  });

  it('is closed too if it never authenticates', async () => {
    const socket = await openSocket();
    vi.advanceTimersByTime(HEARTBEAT_TIMEOUT_MS);
    expect(await closeOf(socket)).toBe('1008 no heartbeat');
  });

  it('stays while it beats, and other packets are no beats', async () => {
    const socket = await authenticated();
    vi.advanceTimersByTime(HEARTBEAT_TIMEOUT_MS - 1);
    await exchange(socket, packet(OPERATION.heartbeat));
    vi.advanceTimersByTime(HEARTBEAT_TIMEOUT_MS - 1);
    await exchange(socket, packet(OPERATION.subscribe, '7'));
    vi.advanceTimersByTime(1);
    expect(await closeOf(socket)).toBe('1008 no heartbeat');
  });
});

describe('the frames of a push', () => {
  /** A WebSocket client of bare bytes, authenticated; a mask of zeros leaves the payload as it is. */
  const bareClient = async (): Promise<Socket> => {
    const tcp = connectTcp(server.port, '127.0.0.1');
    tcp.write(
      'GET /sub HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(tcp, 'data');
    const auth = authPacket();
    expect(auth.length).toBeLessThan(126);
    const head = Buffer.from([0x82, 0x80 | auth.length, 0, 0, 0, 0]);
    tcp.write(Buffer.concat([head, auth]));
    await once(tcp, 'data');
    return tcp;
  };

  it.each([
    ['one message', ONE_MESSAGE],
    ['two messages', TWO_MESSAGES],
  ])('are those of goim, byte for byte, for %s', async (_, frame) => {
    const tcp = await bareClient();
    const data = once(tcp, 'data');
    connections.toRoom('live://1000', frame.subarray(2));
    expect((await data)[0].toString('hex')).toBe(frame.toString('hex'));
    tcp.destroy();
  });
});

describe('the client server', () => {
  it('drops and counts pushes to a client that does not read', async () => {
    await server.close();
    server = await startServer(0);
    const socket = await authenticated();
    socket.pause();
    const large = packet(9, 'x'.repeat(1_000_000));
    for (let pushed = 0; pushed < 50; pushed += 1) connections.push(['k1'], 1000, large);
    expect(connections.delivered.push).toBeGreaterThan(0);
    expect(connections.delivered.slow).toBeGreaterThan(0);
    expect(connections.delivered.push + connections.delivered.slow).toBe(50);
    socket.terminate();
  });

  it('refuses another path than /sub', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/other`);
    const [error] = await once(socket, 'error');
    expect(error.message).toContain('400');
  });

  it('tells a plain HTTP caller to upgrade', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/sub`)).status).toBe(426);
  });

  it('closes its clients when it closes', async () => {
    const socket = await authenticated();
    const closed = Promise.all([once(socket, 'close'), removal()]);
    await server.close();
    await closed;
    expect(connections.rooms()).toEqual([]);
  });
});
