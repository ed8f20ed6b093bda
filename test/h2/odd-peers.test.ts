import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  MAX_CONTINUATIONS,
  MAX_FRAME_BYTES,
  MAX_HEADERS_BYTES,
  MAX_IDLE_FRAMES,
} from '../../lib/h2/limits.ts';
import { openConnection } from '../../lib/h2/open.ts';
import { call, summary } from './calling.ts';
import {
  answer,
  data,
  FLAG,
  frame,
  goaway,
  HEAD,
  headers,
  literal,
  OK,
  ping,
  rstStream,
  settings,
  TRAILERS,
  TYPE,
  uint32,
  windowUpdate,
} from './frames.ts';
import { type RawPeer, startRawPeer } from './raw-peer.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const start = async (
  answerOf: (stream: number) => Buffer | readonly Buffer[],
  first?: Buffer,
): Promise<RawPeer> => {
  const onRequest = (stream: number, socket: Socket): void => {
    for (const bytes of [answerOf(stream)].flat()) socket.write(bytes);
  };
  const peer = await startRawPeer(first === undefined ? { onRequest } : { onRequest, first });
  open.push(peer);
  return peer;
};
const connect = ({ port }: RawPeer) => {
  const { connection } = openConnection({ host: '127.0.0.1', port });
  open.unshift(connection);
  return connection;
};
const END = FLAG.endStream;
const many = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));
const fine = 'answered 200 "body"';
/** A size of the table, as the first thing of a block. */
const table = (bytes: number): number[] =>
  bytes < 31 ? [0x20 | bytes] : [0x3f, ((bytes - 31) & 0x7f) | 0x80, (bytes - 31) >> 7];

describe('an answer may', () => {
  test.each<[string, (stream: number) => Buffer, string]>([
    ['be plain', (id) => answer(id), fine],
    ['have no body', (id) => headers(id, [OK], END), 'answered 200 ""'],
    ['have no trailers', (id) => Buffer.concat([headers(id, [OK]), data(id, 'body', END)]), fine],
    [
      'have a header block in pieces of a byte',
      (id) =>
        Buffer.concat([
          frame(TYPE.headers, 0, id, HEAD.slice(0, 1)),
          ...HEAD.slice(1, -1).map((byte) => frame(TYPE.continuation, 0, id, [byte])),
          frame(TYPE.continuation, FLAG.endHeaders, id, HEAD.slice(-1)),
          data(id, 'body'),
          frame(TYPE.headers, END, id),
          frame(TYPE.continuation, FLAG.endHeaders, id, TRAILERS),
        ]),
      fine,
    ],
    [
      'be padded, have a priority, and empty DATA',
      (id) =>
        Buffer.concat([
          headers(id, [3, 0, 0, 0, 0, 9, ...HEAD, 0, 0, 0], FLAG.padded | FLAG.priority),
          data(id, [4, ...Buffer.from('body'), 0, 0, 0, 0], FLAG.padded),
          data(id, [0], FLAG.padded),
          data(id, []),
          headers(id, [0, ...TRAILERS], END | FLAG.padded),
        ]),
      fine,
    ],
    [
      'come after frames of an unknown kind, PRIORITY and 103',
      (id) =>
        Buffer.concat([
          frame(0xfa, 0xff, id, 'unknown'),
          frame(TYPE.priority, 0, id, [0, 0, 0, 0, 1]),
          headers(id, literal(':status', '103')),
          answer(id),
        ]),
      fine,
    ],
    [
      'size the header table',
      (id) => Buffer.concat([headers(id, [...table(0), ...table(4096), ...HEAD]), data(id, 'body', END)]),
      fine,
    ],
    ['be followed by a reset without an error', (id) => Buffer.concat([answer(id), rstStream(id, 0)]), fine],
    ['come while the peer goes away', (id) => Buffer.concat([goaway(id, 0), answer(id)]), fine],
    [
      'come while the peer goes away in two steps',
      (id) => Buffer.concat([goaway(2 ** 31 - 1, 0), goaway(id, 0), answer(id)]),
      fine,
    ],
    [
      'come with a late WINDOW_UPDATE, RST_STREAM and DATA',
      (id) => Buffer.concat([answer(id), windowUpdate(id, 1), rstStream(id, 8), data(id, 'late')]),
      fine,
    ],
    [
      'come in pieces of a byte',
      (id) =>
        Buffer.concat([
          headers(id, HEAD),
          ...[...'body'].map((char) => data(id, char)),
          headers(id, TRAILERS, END),
        ]),
      fine,
    ],
    ['be an error', (id) => headers(id, literal(':status', '503'), END), 'answered 503 ""'],
  ])('%s', async (_name, answerOf, expected) => {
    const connection = connect(await start(answerOf));
    expect(summary(await call(connection))).toBe(expected);
  });

  test('have fields of one name, which are joined, and trailers', async () => {
    const connection = connect(
      await start((id) =>
        Buffer.concat([
          headers(id, [OK, ...literal('a', '1'), ...literal('a', '2')]),
          data(id, ''),
          headers(id, TRAILERS, END),
        ]),
      ),
    );
    const { head, trailers } = await call(connection);
    expect([head?.fields.get('a'), trailers?.fields.get('x-end'), trailers?.status]).toEqual([
      '1, 2',
      't',
      0,
    ]);
  });
});

describe('a call alone ends, and the connection goes on, when its answer', () => {
  test.each<[string, (stream: number) => Buffer, string]>([
    ['is a refusal', (id) => rstStream(id, 7), 'refused 7'],
    ['is a reset', (id) => rstStream(id, 11), 'reset 11'],
    ['is a reset without an error', (id) => rstStream(id, 0), 'reset 0'],
    ['has DATA before its head', (id) => data(id, 'body'), 'reset 1'],
    ['has no status', (id) => headers(id, literal('a', 'b'), END), 'reset 1'],
    ['has a status that is none', (id) => headers(id, literal(':status', '20'), END), 'reset 1'],
    ['has two of them', (id) => headers(id, [OK, OK], END), 'reset 1'],
    ['has its status last', (id) => headers(id, [...literal('a', 'b'), OK], END), 'reset 1'],
    ['has a pseudo-header of a request', (id) => headers(id, [OK, ...literal(':path', '/')], END), 'reset 1'],
    ['has a name in capitals', (id) => headers(id, [OK, ...literal('A', 'b')], END), 'reset 1'],
    ['has a line break in a value', (id) => headers(id, [OK, ...literal('a', 'b\r\nc')], END), 'reset 1'],
    ['is 103 and nothing more', (id) => headers(id, literal(':status', '103'), END), 'reset 1'],
    [
      'has trailers that do not end it',
      (id) => Buffer.concat([headers(id, HEAD), headers(id, TRAILERS)]),
      'reset 1',
    ],
    [
      'has a status in its trailers',
      (id) => Buffer.concat([headers(id, HEAD), headers(id, [OK], END)]),
      'reset 1',
    ],
    [
      'is over the limit',
      (id) => Buffer.concat([headers(id, HEAD), data(id, Buffer.alloc(1_001))]),
      'too-large 8',
    ],
    [
      'is over the limit bit by bit',
      (id) => Buffer.concat([headers(id, HEAD), many(11, data(id, Buffer.alloc(100)))]),
      'too-large 8',
    ],
    ['opens its window by nothing', (id) => windowUpdate(id, 0), 'reset 1'],
    ['opens its window too far', (id) => windowUpdate(id, 2 ** 31 - 1), 'reset 3'],
  ])('%s', async (_name, answerOf, expected) => {
    let isFirst = true;
    const peer = await start((id) => {
      const bytes = isFirst ? answerOf(id) : answer(id);
      isFirst = false;
      return bytes;
    });
    const connection = connect(peer);
    expect(summary(await call(connection))).toBe(expected);
    expect(summary(await call(connection))).toBe(fine);
    expect(peer.sockets.length).toBe(1);
  });
});

const PROTOCOL = 'H2_PROTOCOL_ERROR';
const FLOW = 'H2_FLOW_CONTROL_ERROR';
const SIZE = 'H2_FRAME_SIZE_ERROR';
const HPACK = 'H2_COMPRESSION_ERROR';
const CALM = 'H2_ENHANCE_YOUR_CALM';

describe('a connection ends with a word to the peer when it', () => {
  test.each<[string, (stream: number) => Buffer | readonly Buffer[], string, number]>([
    [
      'sends a frame that is too large',
      () => frame(TYPE.data, 0, 1, Buffer.alloc(MAX_FRAME_BYTES + 1)),
      SIZE,
      6,
    ],
    [
      'sends a push',
      (id) => frame(TYPE.pushPromise, FLAG.endHeaders, id, [0, 0, 0, 2, ...HEAD]),
      PROTOCOL,
      1,
    ],
    ['speaks of a stream that never was', () => data(99, 'body'), PROTOCOL, 1],
    ['answers on a stream that never was', () => headers(99, HEAD), PROTOCOL, 1],
    ['speaks of a stream of its own', () => windowUpdate(2, 1), PROTOCOL, 1],
    ['sends DATA for the connection', () => data(0, 'body'), PROTOCOL, 1],
    ['sends HEADERS for the connection', () => headers(0, HEAD), PROTOCOL, 1],
    ['opens its window by nothing', () => windowUpdate(0, 0), PROTOCOL, 1],
    ['opens its window too far', () => windowUpdate(0, 2 ** 31 - 1), FLOW, 3],
    ['opens all windows too far', () => settings([4, 2 ** 31]), FLOW, 3],
    [
      'opens the windows of open streams too far',
      (id) => Buffer.concat([windowUpdate(id, 2 ** 30), settings([4, 2 ** 31 - 1])]),
      FLOW,
      3,
    ],
    ['allows smaller frames than one may', () => settings([5, 100]), PROTOCOL, 1],
    ['allows larger frames than one may', () => settings([5, 2 ** 24]), PROTOCOL, 1],
    ['wants to be pushed to', () => settings([2, 1]), PROTOCOL, 1],
    ['sends SETTINGS of a stream', (id) => frame(TYPE.settings, 0, id), PROTOCOL, 1],
    ['sends SETTINGS that are cut off', () => frame(TYPE.settings, 0, 0, [0, 4, 0]), SIZE, 6],
    ['acknowledges SETTINGS with more', () => frame(TYPE.settings, FLAG.ack, 0, Buffer.alloc(6)), SIZE, 6],
    ['sends a PING of a stream', (id) => frame(TYPE.ping, 0, id, Buffer.alloc(8)), PROTOCOL, 1],
    ['sends a PING that is too short', () => frame(TYPE.ping, 0, 0, Buffer.alloc(7)), SIZE, 6],
    ['sends a GOAWAY of a stream', (id) => frame(TYPE.goaway, 0, id, Buffer.alloc(8)), PROTOCOL, 1],
    ['sends a GOAWAY that is too short', () => frame(TYPE.goaway, 0, 0, Buffer.alloc(7)), SIZE, 6],
    ['sends a RST_STREAM that is too short', (id) => frame(TYPE.rstStream, 0, id, Buffer.alloc(3)), SIZE, 6],
    [
      'sends a WINDOW_UPDATE that is too long',
      () => frame(TYPE.windowUpdate, 0, 0, Buffer.alloc(5)),
      SIZE,
      6,
    ],
    ['sends HEADERS too short for their priority', (id) => headers(id, [0, 0], FLAG.priority), SIZE, 6],
    ['pads more than there is', (id) => headers(id, [9, ...[OK]], FLAG.padded), PROTOCOL, 1],
    ['pads without saying how much', (id) => data(id, [], FLAG.padded), SIZE, 6],
    ['sizes the header table beyond what we allow', (id) => headers(id, [...table(4097), ...HEAD]), HPACK, 9],
    ['points to no header', (id) => headers(id, [0x80]), HPACK, 9],
    ['points beyond the headers', (id) => headers(id, [0xfe]), HPACK, 9],
    ['pads a header falsely', (id) => headers(id, [OK, 0x0f, 0x10, 0x81, 0x00]), HPACK, 9],
    [
      'sends CONTINUATION of nothing',
      (id) => frame(TYPE.continuation, FLAG.endHeaders, id, HEAD),
      PROTOCOL,
      1,
    ],
    [
      'interrupts a header block',
      (id) => Buffer.concat([frame(TYPE.headers, 0, id, HEAD), ping()]),
      PROTOCOL,
      1,
    ],
    [
      'goes on with the header block of another stream',
      (id) =>
        Buffer.concat([frame(TYPE.headers, 0, id, HEAD), frame(TYPE.continuation, FLAG.endHeaders, id + 2)]),
      PROTOCOL,
      1,
    ],
    [
      'sends a header block that does not end',
      (id) => [
        frame(TYPE.headers, 0, id, HEAD),
        many(MAX_HEADERS_BYTES / 1_000 + 1, frame(TYPE.continuation, 0, id, Buffer.alloc(1_000))),
      ],
      CALM,
      11,
    ],
    [
      'sends empty CONTINUATIONs that do not end',
      (id) => [
        frame(TYPE.headers, 0, id, HEAD),
        many(MAX_CONTINUATIONS + 1, frame(TYPE.continuation, 0, id)),
      ],
      CALM,
      11,
    ],
    [
      'sends empty DATA that do not end',
      (id) => [headers(id, HEAD), many(MAX_IDLE_FRAMES + 1, data(id, []))],
      CALM,
      11,
    ],
    [
      'sends unknown frames that do not end',
      (id) => [many(MAX_IDLE_FRAMES + 1, frame(0xee, 0, id))],
      CALM,
      11,
    ],
    [
      'sends 103 that do not end',
      (id) => [many(MAX_IDLE_FRAMES + 1, headers(id, literal(':status', '103')))],
      CALM,
      11,
    ],
  ])('%s', async (_name, answerOf, code, h2Code) => {
    const peer = await start(answerOf);
    const connection = connect(peer);
    expect(summary(await call(connection))).toBe(`lost ${code}`);
    expect(connection.isUsable()).toBe(false);
    const { payload } = await peer.waitFor(({ type }) => type === TYPE.goaway);
    expect(payload).toEqual(uint32(0, h2Code));
  });
});

describe('a peer that is no HTTP/2', () => {
  test.each<[string, Buffer, string]>([
    [
      'speaks HTTP/1',
      Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
      `refused ${SIZE}`,
    ],
    ['says something else first', ping(), `refused ${PROTOCOL}`],
    ['acknowledges SETTINGS that it has not', frame(TYPE.settings, FLAG.ack, 0), `refused ${PROTOCOL}`],
  ])('%s', async (_name, first, expected) => {
    const connection = connect(await start((id) => answer(id), first));
    expect(summary(await call(connection))).toBe(expected);
  });
});
