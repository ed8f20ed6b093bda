import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createGobDecoder } from '../../lib/gob/decoder.ts';
import { createGobEncoder } from '../../lib/gob/encoder.ts';
import type { StructType } from '../../lib/gob/type.ts';
import { typeNamed } from '../gob/types.ts';
import { anyStruct, anyValues } from '../gob/values.ts';
import vectors from '../vectors/gob/vectors.json' with { type: 'json' };
import { broken, randomBytes } from './byte-inputs.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const MAX_BYTES = 10_000;

interface Input {
  readonly stream: Buffer;
  readonly of: StructType;
  readonly pieceBytes: number;
}

const written = anyValues.map(({ of, values }) => {
  const encoder = createGobEncoder();
  for (const value of values) encoder.write(of, value);
  return { of, stream: encoder.take() };
});
const recorded = fc
  .constantFrom(...vectors.filter(({ hex }) => hex.length < 2_000))
  .map(({ hex, reads }) => ({ of: typeNamed(`${reads[0]?.type}`), stream: Buffer.from(hex, 'hex') }));
const streams = fc.oneof(written, recorded).chain(({ of, stream }) =>
  fc.record({
    of: fc.oneof({ weight: 6, arbitrary: fc.constant(of) }, { weight: 1, arbitrary: anyStruct }),
    stream: fc.oneof(
      { weight: 9, arbitrary: broken(fc.constant(stream)) },
      { weight: 1, arbitrary: randomBytes },
    ),
    pieceBytes: fc.integer({ min: 1, max: 50 }),
  }),
);

/** The values that come of a stream, and how it ends. Any error but a malformed one goes on. */
const readAll = ({ stream, of }: Input, pieceBytes: number): unknown[] => {
  const decoder = createGobDecoder();
  const read: unknown[] = [];
  try {
    for (let at = 0; at < stream.length; at += pieceBytes) {
      decoder.push(stream.subarray(at, at + pieceBytes));
      for (let next = decoder.take(MAX_BYTES); next !== 'incomplete'; next = decoder.take(MAX_BYTES)) {
        if (next === 'too-large') return [...read, next];
        read.push(next.read(of));
      }
    }
    return [...read, 'incomplete'];
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.startsWith('gob: ')) throw error;
    return [...read, error.message];
  }
};

it(
  'a gob stream gives the same values however it comes in pieces, or is refused as malformed or too large',
  () =>
    fuzz('gob', streams, (input) => {
      const whole = readAll(input, input.stream.length || 1);
      expect(readAll(input, input.pieceBytes)).toEqual(whole);
      return whole.length > 1;
    }),
  FUZZ_TIMEOUT_MS,
);
