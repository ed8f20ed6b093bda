import { CODE } from '../code.ts';
import { violation } from '../violation.ts';
import { decodeHuffman } from './huffman.ts';

/** Larger than any length or index that can be right, and far from where 32 bits overflow. */
const MAX_SHIFT = 21;

/** RFC 7541, 5: the numbers and strings of a header block. */
export class BlockReader {
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;

  load(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The next byte, which stays; undefined at the end. */
  peek(): number | undefined {
    return this.at < this.end ? this.bytes[this.at] : undefined;
  }

  /** A number that begins in the last bits of the next byte. */
  integer(prefixBits: number): number {
    const prefix = (1 << prefixBits) - 1;
    let value = this.next() & prefix;
    if (value < prefix) return value;
    for (let shift = 0; shift <= MAX_SHIFT; shift += 7) {
      const byte = this.next();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw violation(CODE.compression, 'a number is too large');
  }

  string(): string {
    const isHuffman = (this.peek() ?? 0) >= 0x80;
    const length = this.integer(7);
    const start = this.at;
    if (length > this.end - start) throw violation(CODE.compression, 'a string is cut off');
    this.at = start + length;
    return isHuffman
      ? decodeHuffman(this.bytes, start, this.at)
      : this.bytes.toString('latin1', start, this.at);
  }

  private next(): number {
    if (this.at >= this.end) throw violation(CODE.compression, 'a header block is cut off');
    return this.bytes[this.at++] as number;
  }
}
