import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGobDecoder, type GobMessage } from '../../lib/gob/decoder.ts';
import { createGobEncoder } from '../../lib/gob/encoder.ts';
import { type StructType, struct } from '../../lib/gob/type.ts';
import { anyOf, anyStruct, anyType, anyValues } from './values.ts';

const MAX_BYTES = 1_000_000;
type Value = Readonly<Record<string, unknown>>;

const written = (of: StructType, values: readonly Value[]): Buffer => {
  const encoder = createGobEncoder();
  for (const value of values) encoder.write(of, value);
  return encoder.take();
};
const readAll = (stream: Buffer, of: StructType, count: number): Value[] => {
  const decoder = createGobDecoder();
  decoder.push(stream);
  const values = Array.from({ length: count }, () => (decoder.take(MAX_BYTES) as GobMessage).read(of));
  expect(decoder.take(MAX_BYTES)).toBe('incomplete');
  return values;
};

test('what was written is read as it was', () => {
  fc.assert(
    fc.property(anyValues, ({ of, values }) => {
      expect(readAll(written(of, values), of, values.length)).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

test('values of several types share a connection, each type defined once', () => {
  fc.assert(
    fc.property(fc.array(anyValues, { minLength: 1, maxLength: 3 }), (lists) => {
      const encoder = createGobEncoder();
      const decoder = createGobDecoder();
      const writeAll = (): Buffer => {
        for (const { of, values } of lists) for (const value of values) encoder.write(of, value);
        return encoder.take();
      };
      const [first, second] = [writeAll(), writeAll()];
      expect(second.length).toBeLessThan(first.length);
      decoder.push(Buffer.concat([first, second]));
      for (const { of, values } of [...lists, ...lists])
        for (const value of values) expect((decoder.take(MAX_BYTES) as GobMessage).read(of)).toEqual(value);
    }),
  );
});

/** A later version of a type: its fields in another order, some gone, others new. */
const evolved = (of: StructType): fc.Arbitrary<StructType> =>
  fc
    .tuple(
      fc.shuffledSubarray(Object.entries(of.fields)),
      fc.dictionary(fc.stringMatching(/^New[A-Z]$/), anyType, { maxKeys: 3 }),
      fc.nat(),
    )
    .map(([kept, added, at]) => {
      const place = at % (kept.length + 1);
      const fields = [...kept.slice(0, place), ...Object.entries(added), ...kept.slice(place)];
      return struct(of.name, Object.fromEntries(fields)) as StructType;
    });

test('fields are found by their names, in whatever order; what one side has not is zero, or passed over', () => {
  fc.assert(
    fc.property(
      anyStruct.chain((of) =>
        evolved(of).chain((later) =>
          fc.tuple(fc.constant(of), fc.constant(later), anyOf(later) as fc.Arbitrary<Value>),
        ),
      ),
      ([of, later, value]) => {
        const [read] = readAll(written(later, [value]), of, 1);
        const [zero] = readAll(written(struct(of.name, {}), [{}]), of, 1);
        const shared = Object.fromEntries(Object.entries(value).filter(([name]) => name in of.fields));
        expect(read).toEqual({ ...zero, ...shared });
      },
    ),
    { numRuns: 500 },
  );
});
