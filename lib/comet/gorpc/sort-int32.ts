const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const MASK = DIGITS - 1;
const SIGN = 1 << 31;

/** How many numbers have each low, middle and high digit, in one pass. */
const countDigits = (numbers: Int32Array): [Uint32Array, Uint32Array, Uint32Array] => {
  const [low, middle, high] = [new Uint32Array(DIGITS), new Uint32Array(DIGITS), new Uint32Array(DIGITS)];
  for (let at = 0; at < numbers.length; at++) {
    const number = (numbers[at] as number) ^ SIGN;
    (low[number & MASK] as number)++;
    (middle[(number >>> DIGIT_BITS) & MASK] as number)++;
    (high[number >>> (2 * DIGIT_BITS)] as number)++;
  }
  return [low, middle, high];
};

const toPlaces = (counts: Uint32Array): Uint32Array => {
  let place = 0;
  return counts.map((count) => {
    place += count;
    return place - count;
  });
};

/** By one digit; what has the same digit stays in its order. */
const scatter = (from: Int32Array, to: Int32Array, counts: Uint32Array, shift: number): void => {
  const places = toPlaces(counts);
  for (let at = 0; at < from.length; at++) {
    const number = from[at] as number;
    to[(places[((number ^ SIGN) >>> shift) & MASK] as number)++] = number;
  }
};

/** Ascending, in a new array. Radix sort: `sort()` takes half of what a list of a million rooms may. */
export const sortInt32 = (numbers: Int32Array): Int32Array => {
  const [low, middle, high] = countDigits(numbers);
  const [sorted, halfway] = [new Int32Array(numbers.length), new Int32Array(numbers.length)];
  scatter(numbers, sorted, low, 0);
  scatter(sorted, halfway, middle, DIGIT_BITS);
  scatter(halfway, sorted, high, 2 * DIGIT_BITS);
  return sorted;
};
