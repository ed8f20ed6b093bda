import { MAX_NUMBER } from './bounds.ts';

/** One message, and how far it is read. What reads throws a RangeError if it cannot. */
export interface Input {
  readonly bytes: Buffer;
  at: number;
}

export const malformed = (problem: string): RangeError => new RangeError(`gob: ${problem}`);

const MAX_UINT_BYTES = 8;

/** Bytes behind the first one of a number. */
const moreBytes = (first: number): number => {
  if (first < 0x80) return 0;
  const count = 0x100 - first;
  if (count > MAX_UINT_BYTES) throw malformed('a number of more than 8 bytes');
  return count;
};

/** Of the number that these bytes begin with; undefined if more of it has to come first. */
export const uintBytes = (bytes: Buffer): number | undefined => {
  const [first] = bytes;
  const all = first === undefined ? 1 : 1 + moreBytes(first);
  return all <= bytes.length ? all : undefined;
};

/** As large as it may be; beyond 2^53 not exact. */
const readAnyUint = (input: Input): number => {
  const { bytes } = input;
  const first = bytes[input.at++];
  if (first === undefined) throw malformed('the message is cut off');
  if (first < 0x80) return first;
  let value = 0;
  for (const end = input.at + moreBytes(first); input.at < end; input.at++) {
    const byte = bytes[input.at];
    if (byte === undefined) throw malformed('the message is cut off');
    value = value * 0x100 + byte;
  }
  return value;
};

/** Of any size. */
export const skipUint = (input: Input): void => {
  readAnyUint(input);
};

export const readUint = (input: Input): number => {
  const value = readAnyUint(input);
  if (value > MAX_NUMBER) throw malformed('a number is too large');
  return value;
};

export const readInt = (input: Input): number => {
  const value = readAnyUint(input);
  if (value <= 0x7fff_ffff) return value & 1 ? ~(value >>> 1) : value >>> 1;
  const amount = Math.floor(value / 2);
  if (amount > MAX_NUMBER) throw malformed('a number is too large');
  return value % 2 === 1 ? -amount - 1 : amount;
};

/** A length or a count, none of whose items takes less than a byte. */
export const readCount = (input: Input): number => {
  const count = readUint(input);
  if (count > input.bytes.length - input.at) throw malformed('a length goes beyond the message');
  return count;
};

/** A view of the message, not a copy. */
export const readBytes = (input: Input): Buffer => {
  const bytes = readCount(input);
  input.at += bytes;
  return input.bytes.subarray(input.at - bytes, input.at);
};

/** Bytes that are not UTF-8, which Go allows, are replaced. */
export const readString = (input: Input): string => {
  const bytes = readCount(input);
  input.at += bytes;
  return input.bytes.toString('utf8', input.at - bytes, input.at);
};

/** A struct's fields, each by its number; ends behind the 0 that ends them. */
export const readFields = (input: Input, fields: number, readField: (field: number) => void): void => {
  let field = -1;
  for (let delta = readUint(input); delta !== 0; delta = readUint(input)) {
    field += delta;
    if (field >= fields) throw malformed('a field that the type has not');
    readField(field);
  }
};
