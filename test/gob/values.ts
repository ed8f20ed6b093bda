import fc from 'fast-check';
import { MAX_NUMBER } from '../../lib/gob/bounds.ts';
import {
  BYTES,
  type GobType,
  INT,
  pointer,
  STRING,
  type StructType,
  set,
  slice,
  struct,
  UINT,
} from '../../lib/gob/type.ts';

const name = fc.oneof(
  fc.constantFrom('A', 'B', 'C', 'D', 'RoomIds', 'ключ'),
  fc.stringMatching(/^[A-Z][a-z]{0,9}$/),
);

const { type, structType } = fc.letrec<{ type: GobType; structType: StructType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<GobType>(INT, UINT, STRING, BYTES),
    tie('type').map((element) => slice(element)),
    fc.constantFrom<GobType>(INT, UINT, STRING).map((element) => set(element)),
    tie('structType'),
  ),
  structType: fc
    .tuple(
      fc.constantFrom('', 'T', 'RoomsReply'),
      fc.dictionary(
        name,
        fc.oneof(
          tie('type'),
          tie('structType').map((one) => pointer(one)),
        ),
        { maxKeys: 5 },
      ),
    )
    .map(([typeName, fields]) => struct(typeName, fields) as StructType),
}));
export const anyType: fc.Arbitrary<GobType> = type;
export const anyStruct: fc.Arbitrary<StructType> = structType;

const uint = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat().map((value) => value % (MAX_NUMBER + 1)),
  fc.constant(MAX_NUMBER),
);
const int = fc
  .tuple(uint, fc.boolean())
  .map(([value, isNegative]) => (isNegative && value > 0 ? -value : value));
const text = fc.string({ unit: 'grapheme', maxLength: 200 });

/** Any value of this type. */
export const anyOf = (of: GobType): fc.Arbitrary<unknown> => {
  switch (of.kind) {
    case 'int':
      return int;
    case 'uint':
      return uint;
    case 'string':
      return text;
    case 'bytes':
      return fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    case 'slice':
      return fc.array(anyOf(of.element), { maxLength: 5 });
    case 'set':
      return fc.uniqueArray(anyOf(of.element), { maxLength: 5 });
    case 'pointer':
      return fc.option(anyOf(of.element), { nil: undefined });
    case 'struct':
      return fc.record(
        Object.fromEntries(Object.entries(of.fields).map(([field, one]) => [field, anyOf(one)])),
        { noNullPrototype: true },
      );
  }
};

type Value = Readonly<Record<string, unknown>>;
/** A struct's type and some values of it. */
export const anyValues: fc.Arbitrary<{ readonly of: StructType; readonly values: readonly Value[] }> =
  anyStruct.chain((of) =>
    fc.record({
      of: fc.constant(of),
      values: fc.array(anyOf(of) as fc.Arbitrary<Value>, { minLength: 1, maxLength: 3 }),
    }),
  );
