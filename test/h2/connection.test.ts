import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Connection } from '../../lib/h2/connection.ts';
import {
  BUFFER_BYTES,
  MAX_STREAM_ID,
  MAX_UNSENT_ACKS,
  MAX_UNSENT_BYTES,
  WINDOW_BYTES,
} from '../../lib/h2/limits.ts';
import { type OpenOptions, openConnection } from '../../lib/h2/open.ts';
import type { Call } from '../../lib/h2/stream.ts';
import { bodyOf, call, requestOf, summary } from './calling.ts';
import {
  answer,
  data,
  FLAG,
  goaway,
  HEAD,
  headers,
  OK,
  ping,
  settings,
  TYPE,
  uint32,
  windowUpdate,
} from './frames.ts';
import { MemorySocket } from './memory-socket.ts';
import { type RawPeer, type RawPeerOptions, startRawPeer } from './raw-peer.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (options: RawPeerOptions = {}): Promise<RawPeer> => {
  const peer = await startRawPeer(options);
  open.push(peer);
  return peer;
};
const connect = ({ port }: { port: number }, options: OpenOptions = {}): Connection => {
  const { connection } = openConnection({ host: '127.0.0.1', port }, options);
  open.unshift(connection);
  return connection;
};
const answering = (stream: number, socket: Socket): void => {
  socket.write(answer(stream));
};
const calls = (connection: Connection, count: number): Promise<Call[]> =>
  Promise.all(Array.from({ length: count }, () => call(connection)));
const NOTHING = Buffer.alloc(0);
const fine = 'answered 200 "body"';

describe('a connection', () => {
  test('says first what it takes', async () => {
    const peer = await start({ onRequest: answering });
    await call(connect(peer));
    expect(peer.seen.slice(0, 2).map(({ type, payload }) => [type, payload.toString('hex')])).toEqual([
      // No pushes, windows of 1 MiB, 64 KiB of headers; then the connection's own window.
      [TYPE.settings, '000200000000000400100000000600010000'],
      [TYPE.windowUpdate, (WINDOW_BYTES - 65_535).toString(16).padStart(8, '0')],
    ]);
  });

  test('carries many calls at once, each with its own answer', async () => {
    const peer = await start({
      onRequest: (stream, socket) => setImmediate(() => socket.write(answer(stream, `for ${stream}`))),
    });
    const ended = await calls(connect(peer), 200);
    expect(ended.map(summary)).toEqual(ended.map((_, place) => `answered 200 "for ${2 * place + 1}"`));
    expect(peer.sockets.length).toBe(1);
  });

  test('sends its calls of one turn with one write', async () => {
    const pieces: number[] = [];
    const peer = await start({ onRequest: answering });
    const connection = connect(peer);
    await call(connection);
    peer.sockets[0]?.on('data', (piece) => pieces.push(piece.length));
    await calls(connection, 50);
    expect(pieces.length).toBeLessThan(5);
    expect(peer.seen.filter(({ type }) => type === TYPE.headers).at(-1)?.payload.length).toBe(4);
  });

  test('sends no body where there is none', async () => {
    const peer = await start({ onRequest: answering });
    await call(connect(peer), { body: bodyOf(NOTHING) });
    expect(peer.seen.find(({ type }) => type === TYPE.headers)?.flags).toBe(FLAG.endHeaders | FLAG.endStream);
    expect(peer.seen.some(({ type }) => type === TYPE.data)).toBe(false);
  });

  test('answers a PING with its bytes, and not an answer', async () => {
    const peer = await start({ first: Buffer.concat([settings(), ping()]), onRequest: answering });
    await call(connect(peer));
    const pong = await peer.waitFor(({ type }) => type === TYPE.ping);
    expect([pong.flags, pong.payload]).toEqual([FLAG.ack, Buffer.alloc(8)]);
    peer.sockets[0]?.write(Buffer.concat([Buffer.from([0, 0, 8, 6, 1, 0, 0, 0, 0]), Buffer.alloc(8)]));
    await call(connect(peer));
    expect(peer.seen.filter(({ type }) => type === TYPE.ping).length).toBe(2);
  });

  test('whose headers are larger than a frame sends them in several', async () => {
    const peer = await start({ onRequest: answering });
    const value = 'x'.repeat(40_000);
    expect(
      summary(
        await call(connect(peer), {
          fields: [
            [':method', 'POST'],
            ['x-large', value],
          ],
        }),
      ),
    ).toBe(fine);
    const block = peer.seen.filter(({ type }) => type === TYPE.headers || type === TYPE.continuation);
    expect(block.map(({ type, flags }) => [type, flags])).toEqual([
      [TYPE.headers, 0],
      [TYPE.continuation, 0],
      [TYPE.continuation, FLAG.endHeaders],
    ]);
    expect(Buffer.concat(block.map(({ payload }) => payload)).toString('latin1')).toContain(value);
  });
});

describe('before the peer says how much it takes', () => {
  test('no call is sent; then no more than that are open', async () => {
    let isOpen = 0;
    let most = 0;
    const peer = await start({
      first: NOTHING,
      onRequest: (stream, socket) => {
        isOpen += 1;
        most = Math.max(most, isOpen);
        setImmediate(() => {
          isOpen -= 1;
          socket.write(answer(stream));
        });
      },
    });
    const connection = connect(peer);
    const all = calls(connection, 300);
    await peer.waitFor(({ type }) => type === TYPE.windowUpdate);
    expect(peer.seen.some(({ type }) => type === TYPE.headers)).toBe(false);
    peer.sockets[0]?.write(settings([3, 10]));
    expect((await all).every((ended) => summary(ended) === fine)).toBe(true);
    expect(most).toBe(10);
  });

  test('and of none, calls wait until it takes some', async () => {
    const peer = await start({ first: settings([3, 0]), onRequest: answering });
    const connection = connect(peer);
    const waiting = call(connection);
    await peer.waitFor(({ type, flags }) => type === TYPE.settings && flags === FLAG.ack);
    expect(peer.seen.some(({ type }) => type === TYPE.headers)).toBe(false);
    // These do not name it, so it stays.
    peer.sockets[0]?.write(Buffer.concat([settings(), settings([3, 1])]));
    expect(summary(await waiting)).toBe(fine);
  });
});

describe('a call that is cancelled', () => {
  test('is reset, heard of no more, and makes room for the next', async () => {
    const ended: string[] = [];
    const peer = await start({
      first: settings([3, 1]),
      onRequest: (stream, socket, count) => {
        if (count > 0) socket.write(Buffer.concat([answer(stream - 2), answer(stream)]));
      },
    });
    const connection = connect(peer);
    const first = connection.request(requestOf(() => ended.push('first')));
    const second = connection.request(requestOf(() => ended.push('second')));
    const third = call(connection);
    await peer.waitFor(({ type }) => type === TYPE.headers);
    connection.cancel(second);
    connection.cancel(first);
    connection.cancel(first);
    expect(summary(await third)).toBe(fine);
    expect(ended).toEqual([]);
    const resets = peer.seen.filter(({ type }) => type === TYPE.rstStream);
    expect(resets.map(({ stream, payload }) => [stream, payload])).toEqual([[1, uint32(8)]]);
  });
});

describe('a call whose body cannot be written', () => {
  test('ends alone, and the peer does not wait for it', async () => {
    const peer = await start({
      onRequest: (stream, socket, count) => {
        if (count > 0) answering(stream, socket);
      },
    });
    const connection = connect(peer);
    const failure = new RangeError('not base64');
    const write = (): void => {
      throw failure;
    };
    const broken = call(connection, { body: { bytes: 10, write } });
    const large = call(connection, { body: { bytes: 100_000, write } });
    expect(await broken).toMatchObject({ ending: 'unwritten', error: failure });
    expect(await large).toMatchObject({ ending: 'unwritten', error: failure });
    expect(summary(await call(connection))).toBe(fine);
    expect(peer.seen.filter(({ type, stream }) => type === TYPE.data && stream < 5)).toEqual([]);
    expect(peer.seen.filter(({ type }) => type === TYPE.rstStream).map(({ stream }) => stream)).toEqual([
      1, 3,
    ]);
  });
});

describe('a peer that goes away', () => {
  test('answers the calls that it has seen; the others were refused', async () => {
    const peer = await start({
      first: settings([3, 3]),
      onRequest: (stream, socket) => {
        if (stream === 5) socket.write(Buffer.concat([goaway(3, 0), answer(3), answer(1)]));
      },
    });
    const connection = connect(peer);
    const ended = await calls(connection, 4);
    expect(ended.map(summary)).toEqual([fine, fine, 'refused 0', 'refused 0']);
    expect(connection.isUsable()).toBe(false);
    expect(summary(await call(connection))).toBe('refused 0');
    await once(peer.sockets[0] as Socket, 'close');
  });

  test('with an error answers none: they are lost now', async () => {
    const peer = await start({
      onRequest: (stream, socket) => {
        if (stream === 3) socket.write(goaway(1, 11));
      },
    });
    const ended = await calls(connect(peer), 2);
    expect(ended.map(({ ending, h2Code }) => [ending, h2Code])).toEqual([
      ['lost', 11],
      ['refused', 0],
    ]);
  });

  test('without a word loses the calls', async () => {
    const peer = await start({ onRequest: (_stream, socket) => socket.destroy() });
    expect((await calls(connect(peer), 2)).map(({ ending }) => ending)).toEqual(['lost', 'lost']);
  });

  test('before it came leaves calls that never began', async () => {
    const peer = await start();
    await peer.close();
    open.length = 0;
    const connection = connect(peer);
    expect(summary(await call(connection))).toBe('refused ECONNREFUSED');
    expect(connection.isClosed()).toBe(true);
  });
});

describe('the ids of streams', () => {
  test('run out: the last call is made, further ones are refused, and so are those that wait', async () => {
    const peer = await start({ first: settings([3, 1]), onRequest: answering });
    const connection = connect(peer, { firstStreamId: MAX_STREAM_ID });
    const ended = await calls(connection, 3);
    expect(ended.map(summary)).toEqual([fine, 'refused 0', 'refused 0']);
    expect(connection.isUsable()).toBe(false);
    expect(summary(await call(connection))).toBe('refused 0');
  });
});

describe('closing a connection', () => {
  test('says goodbye, loses what is open and refuses what waits', async () => {
    const peer = await start({ first: settings([3, 1]) });
    const connection = connect(peer);
    const both = calls(connection, 2);
    await peer.waitFor(({ type }) => type === TYPE.headers);
    connection.close();
    expect((await both).map(summary)).toEqual(['lost 0', 'refused 0']);
    expect((await peer.waitFor(({ type }) => type === TYPE.goaway)).payload).toEqual(uint32(0, 0));
  });

  test('closes the socket once, after its calls have ended', async () => {
    const { port } = await start();
    const { connection, socket } = openConnection({ host: '127.0.0.1', port });
    const events: string[] = [];
    connection.request(requestOf(() => events.push('ended')));
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => {
        events.push('closed');
        resolve();
      });
    });
    connection.close();
    connection.close();
    await closed;
    expect(events).toEqual(['ended', 'closed']);
  });
});

describe('a peer that does not read', () => {
  const flood = (socket: Socket, bytes: Buffer): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.pause();
    socket.on('drain', more);
    more();
  };
  test.each([
    ['pings', ping()],
    ['SETTINGS', settings([4, 1])],
  ])('is left after so many %s that it takes no answers to', async (_name, one) => {
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => one));
    const peer = await start({ first: settings() });
    const connection = connect(peer);
    const asked = call(connection);
    await peer.waitFor(({ type }) => type === TYPE.headers);
    flood(peer.sockets[0] as Socket, many);
    expect(summary(await asked)).toBe('lost H2_ENHANCE_YOUR_CALM');
  });

  test('that reads again gets more answers than that', async () => {
    const peer = await start({
      onRequest: (stream, socket) => {
        for (let sent = 0; sent <= MAX_UNSENT_ACKS + 1_000; sent++) socket.write(ping());
        socket.write(answer(stream));
      },
    });
    expect(summary(await call(connect(peer)))).toBe(fine);
  });

  test('holds a part of what is sent to it, however wide its windows are', async () => {
    const socket = new MemorySocket({ isTaking: false });
    const connection = new Connection(socket.asSocket());
    const say = (bytes: Buffer): void => connection.receive(bytes, bytes.length);
    say(Buffer.concat([settings([4, 2 ** 31 - 1]), windowUpdate(0, 2 ** 31 - 1 - 65_535)]));
    const body = Buffer.alloc(5_000_000, 'x');
    const sending = call(connection, { body: bodyOf(body) });
    expect(socket.writableLength).toBeLessThan(MAX_UNSENT_BYTES + 2 * BUFFER_BYTES);
    let most = 0;
    while (socket.writableLength > 0) {
      most = Math.max(most, socket.writableLength);
      socket.take();
    }
    expect(most).toBeLessThan(MAX_UNSENT_BYTES + 2 * BUFFER_BYTES);
    expect(Buffer.concat(socket.written).length).toBeGreaterThan(body.length);
    say(answer(1));
    expect(summary(await sending)).toBe(fine);
  });
});

describe('a large answer', () => {
  test('is taken whole, its windows opened as it comes', async () => {
    const body = Buffer.from(Array.from({ length: 3 * WINDOW_BYTES }, (_, index) => index % 251));
    let window = WINDOW_BYTES;
    let sent = 0;
    const send = (socket: Socket, stream: number): void => {
      for (; sent < body.length && window > 0; ) {
        const length = Math.min(1_000, window, body.length - sent);
        socket.write(
          data(
            stream,
            body.subarray(sent, sent + length),
            sent + length === body.length ? FLAG.endStream : 0,
          ),
        );
        sent += length;
        window -= length;
      }
    };
    const peer = await start({
      onRequest: (stream, socket) => {
        socket.write(headers(stream, HEAD));
        send(socket, stream);
      },
      onFrame: ({ type, stream, payload }, socket) => {
        if (type !== TYPE.windowUpdate || stream === 0) return;
        window += payload.readUInt32BE(0);
        send(socket, stream);
      },
    });
    const ended = await call(connect(peer), { maxBodyBytes: body.length });
    expect(ended.ending).toBe('answered');
    expect(ended.body.equals(body)).toBe(true);
    expect(
      peer.seen.filter(({ type, stream }) => type === TYPE.windowUpdate && stream === 0).length,
    ).toBeGreaterThan(3);
  });

  test('that comes before the request is sent ends the request', async () => {
    const peer = await start({
      first: settings([4, 10]),
      onRequest: (stream, socket) => socket.write(headers(stream, [OK], FLAG.endStream)),
    });
    expect(summary(await call(connect(peer), { body: bodyOf(Buffer.alloc(1_000)) }))).toBe('answered 200 ""');
    expect((await peer.waitFor(({ type }) => type === TYPE.rstStream)).payload).toEqual(uint32(8));
  });
});
