/** A field as it stands on the wire: a varint's value modulo 2^64, or the bytes of anything else. */
export interface WireField {
  readonly number: number;
  readonly type: number;
  readonly value: bigint;
  readonly bytes: Buffer;
}

/** `odd`: decoders differ on it, as on a varint of more than 64 bits, so it may be read or refused. */
export interface Wire {
  readonly fields: readonly WireField[];
  readonly end: 'whole' | 'malformed' | 'odd';
}

class End extends Error {
  readonly end: 'malformed' | 'odd';
  constructor(end: 'malformed' | 'odd') {
    super(end);
    this.end = end;
  }
}

const MAX_DEPTH = 90;

/** Written from the protobuf encoding guide alone (https://protobuf.dev/programming-guides/encoding/). */
class Cursor {
  readonly bytes: Buffer;
  at = 0;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new End('malformed');
    this.at += 1;
    return byte;
  }

  varint(maxBits: 32 | 64): bigint {
    let value = 0n;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (shift >= maxBits) throw new End('odd');
      byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
    }
    if (value >> BigInt(maxBits) !== 0n) throw new End('odd');
    return value;
  }

  take(length: number): Buffer {
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new End('malformed');
    return this.bytes.subarray(start, this.at);
  }

  group(number: number, depth: number): void {
    if (depth > MAX_DEPTH) throw new End('odd');
    for (;;) {
      const { number: inner, type } = this.tag();
      if (type === 4 && inner === number) return;
      this.rest(inner, type, depth + 1);
    }
  }

  tag(): { number: number; type: number } {
    const tag = Number(this.varint(32));
    const number = Math.floor(tag / 8);
    if (number === 0) throw new End('malformed');
    return { number, type: tag % 8 };
  }

  rest(number: number, type: number, depth: number): { value: bigint; bytes: Buffer } {
    const none = Buffer.alloc(0);
    switch (type) {
      case 0:
        return { value: this.varint(64), bytes: none };
      case 1:
        return { value: 0n, bytes: this.take(8) };
      case 2:
        return { value: 0n, bytes: this.take(Number(this.varint(32))) };
      case 3:
        this.group(number, depth);
        return { value: 0n, bytes: none };
      case 5:
        return { value: 0n, bytes: this.take(4) };
      default:
        throw new End('malformed');
    }
  }
}

/** The fields up to the end, or to what cannot be read. */
export const readWire = (bytes: Buffer): Wire => {
  const cursor = new Cursor(bytes);
  const fields: WireField[] = [];
  try {
    while (cursor.at < bytes.length) {
      const { number, type } = cursor.tag();
      fields.push({ number, type, ...cursor.rest(number, type, 0) });
    }
    return { fields, end: 'whole' };
  } catch (error) {
    if (error instanceof End) return { fields, end: error.end };
    throw error;
  }
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined: not UTF-8. */
export const textOf = (bytes: Buffer): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};
