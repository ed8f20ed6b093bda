import { FLAG, HEAD_BYTES, TYPE } from '../../lib/h2/frame.ts';

export { FLAG, TYPE };

type Bytes = Buffer | readonly number[] | string;

const bytesOf = (bytes: Bytes): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);

/** One frame's bytes. */
export const frame = (type: number, flags: number, stream: number, payload: Bytes = []): Buffer => {
  const bytes = bytesOf(payload);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(bytes.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
};

export const uint32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [place, value] of values.entries()) bytes.writeUInt32BE(value, 4 * place);
  return bytes;
};

export const settings = (...pairs: (readonly [id: number, value: number])[]): Buffer =>
  frame(
    TYPE.settings,
    0,
    0,
    Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))),
  );
export const goaway = (lastId: number, h2Code: number): Buffer =>
  frame(TYPE.goaway, 0, 0, uint32(lastId, h2Code));
export const rstStream = (stream: number, h2Code: number): Buffer =>
  frame(TYPE.rstStream, 0, stream, uint32(h2Code));
export const windowUpdate = (stream: number, bytes: number): Buffer =>
  frame(TYPE.windowUpdate, 0, stream, uint32(bytes));
export const ping = (): Buffer => frame(TYPE.ping, 0, 0, Buffer.alloc(8));
export const data = (stream: number, payload: Bytes, flags = 0): Buffer =>
  frame(TYPE.data, flags, stream, payload);
/** A whole header block. */
export const headers = (stream: number, block: Bytes, flags = 0): Buffer =>
  frame(TYPE.headers, FLAG.endHeaders | flags, stream, block);

/** A field that no table has (RFC 7541, 6.2.2). */
export const literal = (name: string, value: string): number[] => [
  0,
  name.length,
  ...Buffer.from(name, 'latin1'),
  value.length,
  ...Buffer.from(value, 'latin1'),
];

export const OK = 0x88;
export const HEAD = [OK, ...literal('x-head', 'h')];
export const TRAILERS = literal('x-end', 't');

/** An answer of head, body and trailers. */
export const answer = (stream: number, body: Bytes = 'body'): Buffer =>
  Buffer.concat([headers(stream, HEAD), data(stream, body), headers(stream, TRAILERS, FLAG.endStream)]);

export interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const PREFACE_BYTES = 24;

/** What a client says, as frames. It may come in any pieces. */
export const readFrames = (onFrame: (seen: Seen) => void): ((piece: Buffer) => void) => {
  let rest = Buffer.alloc(0);
  let isBegun = false;
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    if (!isBegun && rest.length >= PREFACE_BYTES) {
      isBegun = true;
      rest = rest.subarray(PREFACE_BYTES);
    }
    while (isBegun && rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3);
      const seen = {
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5),
        payload: Buffer.from(rest.subarray(HEAD_BYTES, end)),
      };
      rest = rest.subarray(end);
      onFrame(seen);
    }
  };
};
