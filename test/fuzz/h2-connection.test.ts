import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Connection } from '../../lib/h2/connection.ts';
import { requestOf, summary } from '../h2/calling.ts';
import {
  answer,
  data,
  FLAG,
  frame,
  goaway,
  HEAD,
  headers,
  OK,
  ping,
  rstStream,
  settings,
  TRAILERS,
  TYPE,
  windowUpdate,
} from '../h2/frames.ts';
import { MemorySocket } from '../h2/memory-socket.ts';
import { broken } from './byte-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const CALLS = 4;
const stream = fc.constantFrom(0, 1, 3, 5, 7, 9, 2);
const number = fc.constantFrom(0, 1, 5, 70_000, 2 ** 31 - 1);
/** What a server may say, and some of what it must not. */
const said = fc.oneof(
  { weight: 4, arbitrary: stream.map((id) => answer(id)) },
  stream.map((id) => headers(id, HEAD)),
  stream.map((id) => headers(id, [OK], FLAG.endStream)),
  stream.map((id) => headers(id, TRAILERS, FLAG.endStream)),
  stream.map((id) => frame(TYPE.headers, FLAG.padded, id, [2, ...HEAD, 0, 0])),
  stream.map((id) => frame(TYPE.continuation, FLAG.endHeaders, id)),
  fc.tuple(stream, fc.nat(2_000)).map(([id, bytes]) => data(id, Buffer.alloc(bytes, 'x'))),
  fc.tuple(stream, fc.nat(13)).map(([id, code]) => rstStream(id, code)),
  fc.tuple(stream, number).map(([id, bytes]) => windowUpdate(id, bytes)),
  fc.tuple(stream, fc.nat(13)).map(([id, code]) => goaway(id, code)),
  fc.tuple(fc.nat(8), number).map(([id, value]) => settings([id, value])),
  fc.constant(ping()),
);
const inputs = fc.record({
  // Without a server's settings no call begins.
  bytes: broken(fc.array(said, { maxLength: 8 }).map((all) => Buffer.concat([settings([3, 100]), ...all]))),
  pieceBytes: fc.integer({ min: 1, max: 60 }),
});

interface Heard {
  /** How each call ended, and when: before the socket was closed, or with it. */
  readonly ended: string[];
  readonly endedBefore: number;
  readonly errors: unknown[];
}

const hear = async (bytes: Buffer, pieceBytes: number): Promise<Heard> => {
  const socket = new MemorySocket();
  const connection = new Connection(socket.asSocket());
  const ended: string[] = [];
  const errors: unknown[] = [];
  for (let call = 0; call < CALLS; call++)
    connection.request(
      requestOf((one) => {
        ended.push(`${call} ${summary(one)}`);
        if (one.error !== undefined) errors.push(one.error);
      }),
    );
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    connection.receive(piece, piece.length);
    piece.fill(0xee);
  }
  const endedBefore = ended.length;
  connection.close();
  await turn();
  expect(connection.isUsable()).toBe(false);
  expect(socket.destroyed).toBe(true);
  return { ended, endedBefore, errors };
};

it(
  'whatever a server says, each call ends once, and in the same way however it comes in pieces',
  () =>
    fuzz('h2-connection', inputs, async ({ bytes, pieceBytes }) => {
      const whole = await hear(bytes, bytes.length);
      expect(whole.ended.map((one) => one[0]).toSorted()).toEqual(['0', '1', '2', '3']);
      // Any other error is a defect of our own.
      for (const error of whole.errors) expect(error).toMatchObject({ code: expect.stringMatching(/^H2_/) });
      expect(await hear(bytes, pieceBytes)).toEqual(whole);
      return whole.endedBefore > 0;
    }),
  FUZZ_TIMEOUT_MS,
);
