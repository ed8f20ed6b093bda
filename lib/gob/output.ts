import { MAX_NUMBER } from './bounds.ts';

const FIRST_BYTES = 4096;
/** Larger than that it is not kept for the next message. */
const KEPT_BYTES = 256 * 1024;

/** A buffer that grows; what was written is `bytes` up to `length`. */
export interface Output {
  bytes: Buffer;
  length: number;
}

export const createOutput = (): Output => ({ bytes: Buffer.allocUnsafeSlow(FIRST_BYTES), length: 0 });

/** A copy of what was written; the output is empty again. */
export const takeBytes = (output: Output): Buffer => {
  const taken = Buffer.from(output.bytes.subarray(0, output.length));
  if (output.bytes.length > KEPT_BYTES) output.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  output.length = 0;
  return taken;
};

/** Makes room for as many bytes more. */
const reserve = (output: Output, bytes: number): void => {
  const needed = output.length + bytes;
  if (needed <= output.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * output.bytes.length));
  output.bytes.copy(larger, 0, 0, output.length);
  output.bytes = larger;
};

/** Below 128 it is one byte; else its bytes, the high ones first, behind their negated count. */
const MAX_UINT_BYTES = 8;

const bytesOf = (value: number): number => {
  if (value < 0x80) return 1;
  let bytes = 2;
  for (let rest = value; rest >= 0x100; rest = Math.floor(rest / 0x100)) bytes += 1;
  return bytes;
};

const putUint = (bytes: Buffer, start: number, value: number): number => {
  if (value < 0x80) {
    bytes[start] = value;
    return start + 1;
  }
  const end = start + bytesOf(value);
  bytes[start] = 0x100 - (end - start - 1);
  let rest = value;
  for (let at = end - 1; at > start; at--) {
    bytes[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return end;
};

const checked = (value: number, min: number): number => {
  if (!Number.isInteger(value) || value < min || value > MAX_NUMBER)
    throw new RangeError('a number is not whole, or too large');
  return value;
};

const writeRaw = (output: Output, value: number): void => {
  reserve(output, 1 + MAX_UINT_BYTES);
  output.length = putUint(output.bytes, output.length, value);
};

/** Throws a RangeError if it is no whole number from 0 to `MAX_NUMBER`. */
export const writeUint = (output: Output, value: number): void => writeRaw(output, checked(value, 0));

/** The sign is the lowest bit. Throws a RangeError if it is no whole number up to `MAX_NUMBER`. */
export const writeInt = (output: Output, value: number): void => {
  checked(value, -MAX_NUMBER);
  writeRaw(output, value < 0 ? -value * 2 - 1 : value * 2);
};

export const writeString = (output: Output, text: string): void => {
  const bytes = Buffer.byteLength(text);
  writeRaw(output, bytes);
  reserve(output, bytes);
  output.length += output.bytes.write(text, output.length);
};

export const writeBytes = (output: Output, bytes: Uint8Array): void => {
  writeRaw(output, bytes.length);
  reserve(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
};

/** Writes what `write` does behind the count of its bytes. */
export const writeCounted = (output: Output, write: () => void): void => {
  reserve(output, 1 + MAX_UINT_BYTES);
  const start = output.length;
  // Of one byte, which it mostly is.
  output.length += 1;
  write();
  const bytes = output.length - start - 1;
  const more = bytesOf(bytes) - 1;
  reserve(output, more);
  if (more > 0) output.bytes.copyWithin(start + 1 + more, start + 1, output.length);
  putUint(output.bytes, start, bytes);
  output.length += more;
};
