import { describe, expect, test } from 'vitest';
import { MAX_DEFINITIONS_BYTES, MAX_ELEMENTS } from '../../lib/gob/bounds.ts';
import { createGobDecoder, type GobMessage } from '../../lib/gob/decoder.ts';
import { createGobEncoder } from '../../lib/gob/encoder.ts';
import { INT, STRING, type StructType, set, slice, struct, zeroOf } from '../../lib/gob/type.ts';

const MAX_BYTES = 20_000_000;
const TEXT = struct('Text', { Text: STRING });

const streamOf = (
  ...values: readonly (readonly [StructType, Readonly<Record<string, unknown>>])[]
): Buffer => {
  const encoder = createGobEncoder();
  for (const [type, value] of values) encoder.write(type, value);
  return encoder.take();
};
const first = (stream: Buffer, maxBytes = MAX_BYTES): GobMessage | 'incomplete' | 'too-large' => {
  const decoder = createGobDecoder();
  decoder.push(stream);
  return decoder.take(maxBytes);
};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('a message', () => {
  test('is waited for until it has come whole', () => {
    const stream = streamOf([TEXT, { Text: 'x'.repeat(1_000) }]);
    const decoder = createGobDecoder();
    for (const byte of stream.subarray(0, -1)) {
      decoder.push(Buffer.of(byte));
      expect(decoder.take(MAX_BYTES)).toBe('incomplete');
    }
    decoder.push(stream.subarray(-1));
    expect((decoder.take(MAX_BYTES) as GobMessage).read(TEXT).Text).toBe('x'.repeat(1_000));
  });

  test('that is too large is refused by its length alone', () => {
    const stream = streamOf([TEXT, { Text: 'x'.repeat(1_000) }]);
    expect(first(stream.subarray(0, -900), 500)).toBe('too-large');
    expect(first(hex('fc 7fffffff'))).toBe('too-large');
  });

  test('is read again by another type, and left alone by nobody', () => {
    const decoder = createGobDecoder();
    decoder.push(streamOf([TEXT, { Text: 'a' }], [TEXT, { Text: 'b' }]));
    const message = decoder.take(MAX_BYTES) as GobMessage;
    expect([
      message.read(TEXT),
      message.read(struct('', {})),
      message.fits(struct('', { Text: INT })),
    ]).toEqual([{ Text: 'a' }, {}, false]);
    expect((decoder.take(MAX_BYTES) as GobMessage).read(TEXT)).toEqual({ Text: 'b' });
  });
});

const read = (stream: Buffer, type: StructType = TEXT): unknown => {
  const message = first(stream);
  return typeof message === 'string' ? message : message.read(type);
};

describe('refused as malformed', () => {
  test.each([
    ['a type that was not defined', '03 ff82 00'],
    ['a message of no type', '00'],
    ['a count of more than 8 bytes', '80'],
    ['a field that the type has not', '0fff8103010101540 1ff820001000000 05 ff82 05 00 00'],
    ['a value that goes on behind its end', '0eff81030101015401ff8200000000 05 ff82 00 00 00'],
    ['a value that is cut off', '0eff81030101015401ff8200000000 02 ff82'],
    ['a type that is defined twice', '0eff81030101015401ff8200000000 0eff81030101015401ff8200000000'],
    ['a type of an unknown kind', '03 ff81 00'],
  ])('%s', (_name, bytes) => {
    expect(() => read(hex(bytes))).toThrow(/^gob: /);
  });

  test('a type with the id of one that everybody knows', () => {
    expect(() => read(definition(2, TEXT))).toThrow('defined twice');
  });

  test('more type definitions than a connection may have', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`F${index}`.padEnd(100, 'x'), INT]),
    );
    const decoder = createGobDecoder();
    const takeAll = (): void => {
      for (let types = 0; types < 10; types++) decoder.push(definition(65 + types, struct('', fields)));
      decoder.take(MAX_BYTES);
    };
    expect(100 * 100 * 10).toBeGreaterThan(MAX_DEFINITIONS_BYTES);
    expect(takeAll).toThrow('too many type definitions');
  });

  test.each([
    ['a list', slice(INT)],
    ['a set', set(INT)],
  ])('%s of more elements than there may be', (_name, list) => {
    const type = struct('', { List: list });
    const count = MAX_ELEMENTS + 1;
    const List = new Array<number>(count).fill(0);
    expect(() => read(streamOf([type, { List }]), type)).toThrow('elements');
  });

  test('a list that says it has more elements than there are bytes', () => {
    const stream = streamOf([struct('', { List: slice(INT) }), { List: [1] }]);
    // The message ends in: field 1, 1 element, which is 2, end.
    stream[stream.length - 3] = 100;
    expect(() => read(stream, struct('', { List: slice(INT) }))).toThrow('beyond the message');
  });
});

/** One type's definition under an id of its own. */
const definition = (id: number, type: StructType): Buffer => {
  const stream = streamOf([
    type,
    Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, zeroOf(field)])),
  ]);
  const bytes = Buffer.from(stream);
  // `fe` or one byte of length, then the id as `ff` and a byte, twice that and one less.
  const at = bytes.indexOf(Buffer.of(0xff, 0x81));
  bytes[at + 1] = 2 * id - 1;
  const length = bytes[0] === 0xfe ? 3 + bytes.readUInt16BE(1) : 1 + (bytes[0] ?? 0);
  return bytes.subarray(0, length);
};

describe('what cannot be written', () => {
  test.each([1.5, Number.NaN, 2 ** 52, -(2 ** 52), Number.POSITIVE_INFINITY])(
    '%d leaves nothing behind',
    (number) => {
      const encoder = createGobEncoder();
      const type = struct('T', { Texts: STRING, Number: INT });
      const writeBoth = (): void => {
        encoder.write(struct('Before', {}), {});
        encoder.write(type, { Texts: 'a', Number: number });
      };
      expect(() => encoder.whole(writeBoth)).toThrow(RangeError);
      encoder.write(type, { Texts: 'b', Number: 1 });
      expect(read(encoder.take(), type)).toEqual({ Texts: 'b', Number: 1 });
    },
  );
});
