import { CODE } from '../code.ts';
import { violation } from '../violation.ts';
import { CODES, END_OF_STRING, FIRST_CODE, FIRST_PLACE, MAX_BITS, SYMBOLS } from './huffman-code.ts';

/** What is left of the last byte is filled up with the first bits of the end of the string, which are ones (5.2). */
const isPadding = (code: number, bits: number): boolean => bits < 8 && code === (1 << bits) - 1;

/** A string as HPACK packs it. Throws a violation for what is not in the code. */
export const decodeHuffman = (bytes: Uint8Array, start: number, end: number): string => {
  const text = Buffer.allocUnsafe(2 * (end - start));
  let length = 0;
  let code = 0;
  let bits = 0;
  for (let at = 8 * start; at < 8 * end; at++) {
    code = (code << 1) | (((bytes[at >> 3] as number) >> (7 - (at & 7))) & 1);
    bits += 1;
    if (bits > MAX_BITS) throw violation(CODE.compression, 'a string is not in the Huffman code');
    const place = code - (FIRST_CODE[bits] as number);
    if (place < 0 || place >= (CODES[bits] as number)) continue;
    const symbol = SYMBOLS[(FIRST_PLACE[bits] as number) + place] as number;
    if (symbol === END_OF_STRING) throw violation(CODE.compression, 'a string has its end in it');
    text[length++] = symbol;
    code = 0;
    bits = 0;
  }
  if (!isPadding(code, bits)) throw violation(CODE.compression, 'a string has a false padding');
  return text.toString('latin1', 0, length);
};
