import fc from 'fast-check';

type Edit = (bytes: Buffer) => Buffer;

const at = fc.nat();
const place = (position: number, bytes: Buffer): number => position % (bytes.length + 1);
const insert = (bytes: Buffer, position: number, piece: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, position), piece, bytes.subarray(position)]);

/** Not UTF-8: a lone continuation, an overlong slash, a surrogate, beyond Unicode, cut off. */
const NOT_UTF8 = ['80', 'c0af', 'eda080', 'f4908080', 'e282'].map((hex) => Buffer.from(hex, 'hex'));
/** Numbers that no length should be, as varints and as four bytes. */
const HUGE = ['ffffffff0f', '80808080808080808001', 'ffffffffffffffffffff7f', '7fffffff', '00'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(at, fc.nat(7)).map(
    ([position, bit]): Edit =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const index = position % Math.max(1, bytes.length);
        if (bytes.length > 0) changed[index] = (bytes[index] ?? 0) ^ (1 << bit);
        return changed;
      },
  ),
  at.map(
    (position): Edit =>
      (bytes) =>
        bytes.subarray(0, place(position, bytes)),
  ),
  fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 4 })).map(
    ([position, piece]): Edit =>
      (bytes) =>
        insert(bytes, place(position, bytes), piece),
  ),
  fc.tuple(at, fc.constantFrom(...NOT_UTF8, ...HUGE)).map(
    ([position, piece]): Edit =>
      (bytes) =>
        insert(bytes, place(position, bytes), piece),
  ),
  // A piece of it once more, elsewhere.
  fc.tuple(at, at, at).map(
    ([from, length, to]): Edit =>
      (bytes) => {
        const start = place(from, bytes);
        return insert(bytes, place(to, bytes), bytes.subarray(start, start + (length % 16)));
      },
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 8 })).map(
    ([position, length]): Edit =>
      (bytes) => {
        const start = place(position, bytes);
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
      },
  ),
);

/** Valid bytes, whole or a little broken. */
export const broken = (valid: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(valid, fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, fc.array(edit, { maxLength: 3 })))
    .map(([bytes, edits]) => edits.reduce((changed, change) => change(changed), bytes));

export const randomBytes: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 64 })
  .map((bytes) => Buffer.from(bytes));
