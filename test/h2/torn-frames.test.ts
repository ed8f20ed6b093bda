import { expect, test } from 'vitest';
import { Connection } from '../../lib/h2/connection.ts';
import { requestOf, summary } from './calling.ts';
import {
  answer,
  data,
  FLAG,
  frame,
  HEAD,
  headers,
  OK,
  ping,
  rstStream,
  settings,
  TRAILERS,
  TYPE,
} from './frames.ts';
import { MemorySocket } from './memory-socket.ts';

const SAID = Buffer.concat([
  settings([4, 70_000], [3, 100]),
  answer(1),
  ping(),
  frame(TYPE.headers, FLAG.padded, 3, [2, ...HEAD, 0, 0]),
  frame(TYPE.continuation, FLAG.endHeaders, 3),
  data(3, Buffer.alloc(300, 'x')),
  headers(3, TRAILERS, FLAG.endStream),
  rstStream(5, 11),
  headers(7, [OK], FLAG.endStream),
]);
const EXPECTED = ['answered 200 "body"', `answered 200 "${'x'.repeat(300)}"`, 'reset 11', 'answered 200 ""'];

const hear = (pieces: readonly Buffer[]): string[] => {
  const ended: string[] = [];
  const connection = new Connection(new MemorySocket().asSocket());
  for (let calls = 0; calls < EXPECTED.length; calls++)
    connection.request(requestOf((call) => ended.push(summary(call))));
  for (const piece of pieces) connection.receive(Buffer.from(piece), piece.length);
  return ended;
};

test('frames may be cut at every byte', () => {
  for (let at = 0; at <= SAID.length; at++)
    expect(hear([SAID.subarray(0, at), SAID.subarray(at)])).toEqual(EXPECTED);
});

test.each([1, 2, 3, 7, 9, 10, 64])('frames may come in pieces of %i bytes', (size) => {
  const pieces = Array.from({ length: Math.ceil(SAID.length / size) }, (_, place) =>
    SAID.subarray(place * size, (place + 1) * size),
  );
  expect(hear(pieces)).toEqual(EXPECTED);
});
