import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameReader } from '../../lib/h2/frame-reader.ts';
import { MAX_FRAME_BYTES } from '../../lib/h2/limits.ts';
import { answer, data, frame, ping, settings } from '../h2/frames.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { endOf } from './h2-violation.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const anyFrame = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(2 ** 31 - 1), randomBytes)
  .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload));
const usual = fc.constantFrom(
  answer(1),
  ping(),
  settings([3, 100]),
  data(1, Buffer.alloc(MAX_FRAME_BYTES)),
  data(1, Buffer.alloc(MAX_FRAME_BYTES + 1)),
);
const inputs = fc.record({
  bytes: broken(fc.array(fc.oneof(anyFrame, usual), { maxLength: 6 }).map((frames) => Buffer.concat(frames))),
  pieceBytes: fc.integer({ min: 1, max: 40 }),
});

/** The frames, and how it ends. */
const readAll = (bytes: Buffer, pieceBytes: number): string[] => {
  const read: string[] = [];
  const reader = new FrameReader(({ type, flags, stream, bytes: from, start, end }) => {
    read.push(`${type} ${flags} ${stream} ${from.toString('hex', start, end)}`);
  });
  const end = endOf(() => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      // The buffer of a read is used again.
      const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
      reader.read(piece, piece.length);
      piece.fill(0xee);
    }
  });
  return [...read, end];
};

it(
  'bytes give the same HTTP/2 frames however they come in pieces, or are refused as too large',
  () =>
    fuzz('h2-frames', inputs, ({ bytes, pieceBytes }) => {
      const whole = readAll(bytes, bytes.length || 1);
      expect(readAll(bytes, pieceBytes)).toEqual(whole);
      return whole.length > 1;
    }),
  FUZZ_TIMEOUT_MS,
);
