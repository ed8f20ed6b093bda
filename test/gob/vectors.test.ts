import { describe, expect, test } from 'vitest';
import { createGobDecoder, type GobMessage } from '../../lib/gob/decoder.ts';
import { createGobEncoder } from '../../lib/gob/encoder.ts';
import vectors from '../vectors/gob/vectors.json' with { type: 'json' };
import { goim } from '../vectors.ts';
import { typeNamed } from './types.ts';

const MAX_BYTES = 1_000_000;

/** All values of a stream, whose bytes come in pieces of this size. */
const messagesOf = (hex: string, pieceBytes: number): GobMessage[] => {
  const decoder = createGobDecoder();
  const bytes = Buffer.from(hex, 'hex');
  const messages: GobMessage[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
    for (let next = decoder.take(MAX_BYTES); next !== 'incomplete'; next = decoder.take(MAX_BYTES))
      if (next !== 'too-large') messages.push(next);
  }
  return messages;
};

/** As the vectors write it: bytes are hex. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, function replace(this: Record<string, unknown>, key, item) {
      const original = this[key];
      return Buffer.isBuffer(original) ? original.toString('hex') : item;
    }),
  );

describe("Go's own bytes", () => {
  test.each(vectors)('are read: $name', ({ hex, reads }) => {
    for (const pieceBytes of [1, 7, hex.length]) {
      const messages = messagesOf(hex, pieceBytes);
      expect(messages.length).toBe(reads.length);
      for (const [place, { type, value }] of reads.entries()) {
        const read = () => plain((messages[place] as GobMessage).read(typeNamed(type)));
        if (value === null) expect(read).toThrow(/^gob: /);
        else expect(read()).toEqual(value);
      }
    }
  });

  /** Its lists have an element at most, or one order; Go numbers its types through the whole program, and names lists. */
  test.each([
    'numbers',
    'texts and bytes',
    'a push to a room',
    'a broadcast',
    'what a push answers',
    'nothing',
  ])('are what is written for the same values: %s', (name) => {
    const { hex, reads } = vectors.find((vector) => vector.name === name) as (typeof vectors)[number];
    const encoder = createGobEncoder();
    const messages = messagesOf(hex, hex.length);
    for (const [place, { type }] of reads.entries())
      encoder.write(typeNamed(type), (messages[place] as GobMessage).read(typeNamed(type)));
    expect(values(encoder.take())).toEqual(values(Buffer.from(hex, 'hex')));
  });

  test('are those of the first call of a connection', () => {
    const encoder = createGobEncoder();
    encoder.write(typeNamed('Request'), { ServiceMethod: 'PushRPC.Ping', Seq: 0 });
    encoder.write(typeNamed('NoArg'), {});
    expect(encoder.take().toString('hex')).toBe(goim.gobV1['first Ping request']);
  });

  test('are read as the rooms of a comet', () => {
    const [rooms] = messagesOf(goim.gobV1['Rooms reply {1,1000} of v1.2'], 1);
    expect(rooms?.read(typeNamed('RoomList'))).toEqual({ RoomIds: [1, 1000] });
    expect(rooms?.fits(typeNamed('RoomSet'))).toBe(false);
  });
});

/** The messages that are no definitions, without the ids of their types. */
const values = (stream: Buffer): string[] => {
  const found: string[] = [];
  for (let rest = stream; rest.length > 0; ) {
    const [bytes, start] = uint(rest);
    const message = rest.subarray(start, start + bytes);
    const [id, end] = uint(message);
    if (id % 2 === 0) found.push(message.subarray(end).toString('hex'));
    rest = rest.subarray(start + bytes);
  }
  return found;
};

const uint = (bytes: Buffer): [value: number, end: number] => {
  const [first = 0] = bytes;
  const count = 0x100 - first;
  return first < 0x80 ? [first, 1] : [bytes.readUIntBE(1, count), 1 + count];
};
