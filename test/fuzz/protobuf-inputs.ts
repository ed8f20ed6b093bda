import fc from 'fast-check';

const varint = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(left)]);
};

const tag = (number: number, type: number): Buffer => varint(BigInt(number * 8 + type));

export const varintField = (number: number, value: bigint): Buffer =>
  Buffer.concat([tag(number, 0), varint(value)]);
export const bytesField = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([tag(number, 2), varint(BigInt(bytes.length)), bytes]);
export const textField = (number: number, text: string): Buffer => bytesField(number, Buffer.from(text));

/** int32's, and what lies about them. */
export const anyInt: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 3n }),
  fc.integer().map(BigInt),
  fc.constantFrom(2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n, -1n),
);

export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed()) },
  { weight: 2, arbitrary: fc.constantFrom('', '\ufeffa', '__proto__', 'é', '\u0000') },
  { weight: 1, arbitrary: fc.constantFrom('k'.repeat(1_024), 'k'.repeat(1_025), 'é'.repeat(513)) },
);

/** A field that a reader does not know: another number, another type, a group. */
export const strangeField: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 20 }), anyInt).map(([number, value]) => varintField(number, value)),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.uint8Array({ maxLength: 6 }))
    .map(([number, bytes]) => bytesField(number, bytes)),
  fc.integer({ min: 1, max: 20 }).map((number) => Buffer.concat([tag(number, 5), Buffer.alloc(4, 1)])),
  fc.integer({ min: 1, max: 20 }).map((number) => Buffer.concat([tag(number, 1), Buffer.alloc(8, 1)])),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 3, 80, 5_000))
    .map(([number, depth]) =>
      Buffer.concat([...Array(depth).fill(tag(number, 3)), ...Array(depth).fill(tag(number, 4))]),
    ),
);
