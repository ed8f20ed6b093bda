const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const SHIFTS = [0, DIGIT_BITS, 2 * DIGIT_BITS];
const SIGN = 1 << 31;

/** Sorted by one digit, lowest first; what has the same digit stays in its order. */
const byDigit = (numbers: Int32Array, shift: number): Int32Array => {
  const placeByDigit = new Uint32Array(DIGITS + 1);
  const digitOf = (number: number): number => ((number ^ SIGN) >>> shift) & (DIGITS - 1);
  for (let at = 0; at < numbers.length; at++) (placeByDigit[digitOf(numbers[at] as number) + 1] as number)++;
  for (let digit = 0; digit < DIGITS; digit++)
    (placeByDigit[digit + 1] as number) += placeByDigit[digit] as number;
  const sorted = new Int32Array(numbers.length);
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    sorted[(placeByDigit[digitOf(number)] as number)++] = number;
  }
  return sorted;
};

/** Ascending, in a new array. Radix sort: `sort()` takes half of what a list of a million rooms may. */
export const sortInt32 = (numbers: Int32Array): Int32Array => SHIFTS.reduce(byDigit, numbers);
