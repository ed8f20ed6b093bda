import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decoder } from '../../lib/h2/hpack/decoder.ts';
import { Encoder } from '../../lib/h2/hpack/encoder.ts';
import { type Fields, fieldBytes } from '../../lib/h2/hpack/field.ts';
import { decodeHuffman } from '../../lib/h2/hpack/huffman.ts';
import { CODES, FIRST_CODE, FIRST_PLACE, MAX_BITS, SYMBOLS } from '../../lib/h2/hpack/huffman-code.ts';
import { MAX_HEADERS_BYTES } from '../../lib/h2/limits.ts';
import { broken, randomBytes } from './byte-inputs.ts';
import { endOf } from './h2-violation.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './runs.ts';

const latin1 = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const name = fc.constantFrom(':status', 'content-type', 'grpc-status', 'x', 'set-cookie');
const fieldLists = fc.array(fc.tuple(name, latin1), { maxLength: 5 });
const written = fc.array(fieldLists, { minLength: 1, maxLength: 4 }).map((lists) => {
  const encoder = new Encoder();
  return lists.map((fields) => encoder.encode(fields));
});
/** RFC 7541, C.5 and C.6: one connection's responses, the second list with Huffman; the table has 256 bytes. */
const recorded = fc.constantFrom(
  [
    '3fe1014803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54',
    '4803333037c1c0bf',
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a6970',
  ],
  [
    '3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff',
    '4883640effc1c0bf',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab',
  ],
);
const blocks = fc.oneof(
  written,
  recorded.map((hexes) => hexes.map((hex) => Buffer.from(hex, 'hex'))),
);
const brokenBlocks = blocks.chain((list) =>
  fc.tuple(...list.map((block) => fc.oneof(fc.constant(block), broken(fc.constant(block))))),
);

it(
  'header blocks give bounded fields, the same each time, or are refused',
  () =>
    fuzz('h2-hpack', brokenBlocks, (list) => {
      const decodeAll = (): { lists: Fields[]; end: string } => {
        const decoder = new Decoder((fields) => fields);
        const lists: Fields[] = [];
        const end = endOf(() => {
          for (const block of list) lists.push(decoder.decode(block, 0, block.length));
        });
        return { lists, end };
      };
      const first = decodeAll();
      expect(decodeAll()).toEqual(first);
      for (const fields of first.lists)
        expect(fields.reduce((sum, field) => sum + fieldBytes(field), 0)).toBeLessThanOrEqual(
          MAX_HEADERS_BYTES,
        );
      return first.lists.length > 0;
    }),
  FUZZ_TIMEOUT_MS,
);

const codeOf = (symbol: number): string => {
  const place = SYMBOLS.indexOf(symbol);
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    const first = FIRST_PLACE[bits] ?? 0;
    const count = CODES[bits] ?? 0;
    if (place < first || place >= first + count) continue;
    return ((FIRST_CODE[bits] ?? 0) + place - first).toString(2).padStart(bits, '0');
  }
  throw new RangeError(`${symbol} has no code`);
};
const CODE_BY_SYMBOL = Array.from({ length: 256 }, (_, symbol) => codeOf(symbol));
const encodeHuffman = (text: string): Buffer => {
  const bits = [...Buffer.from(text, 'latin1')].map((byte) => CODE_BY_SYMBOL[byte]).join('');
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2)));
};

it(
  'a Huffman string is read as the one text that is written so, or refused',
  () =>
    fuzz('h2-huffman', fc.oneof(broken(latin1.map(encodeHuffman)), randomBytes), (bytes) => {
      let text: string | undefined;
      const end = endOf(() => {
        text = decodeHuffman(bytes, 0, bytes.length);
      });
      if (text !== undefined) expect(encodeHuffman(text)).toEqual(bytes);
      else expect(end).toBe('H2_COMPRESSION_ERROR');
      return text !== undefined;
    }),
  FUZZ_TIMEOUT_MS,
);
