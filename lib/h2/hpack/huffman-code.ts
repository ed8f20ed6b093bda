/** RFC 7541, appendix B, as the bits of each symbol, the end of the string (256) last: the code is canonical, so they say it all. */
const BITS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

/** The longest code. */
export const MAX_BITS = 30;
export const END_OF_STRING = 256;

/** By its length in bits: the first code, and how many there are. */
export const FIRST_CODE = new Uint32Array(MAX_BITS + 1);
export const CODES = new Uint16Array(MAX_BITS + 1);
/** Where in `SYMBOLS` those of a length begin. */
export const FIRST_PLACE = new Uint16Array(MAX_BITS + 1);
/** By length, then by value. */
export const SYMBOLS = Uint16Array.from(
  [...BITS.keys()].sort((a, b) => (BITS[a] as number) - (BITS[b] as number) || a - b),
);

for (const bits of BITS) CODES[bits] = (CODES[bits] as number) + 1;
for (let bits = 1; bits <= MAX_BITS; bits++) {
  const shorter = CODES[bits - 1] as number;
  FIRST_CODE[bits] = ((FIRST_CODE[bits - 1] as number) + shorter) * 2;
  FIRST_PLACE[bits] = (FIRST_PLACE[bits - 1] as number) + shorter;
}
