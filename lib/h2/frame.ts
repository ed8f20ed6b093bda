/** RFC 9113, sections 4.1 and 6. */
export const HEAD_BYTES = 9;
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** One frame as it came. `bytes` hold its payload from `start` to `end` only until the reader of it returns. */
export interface Frame {
  type: number;
  flags: number;
  /** 0 for the connection. */
  stream: number;
  bytes: Buffer;
  start: number;
  end: number;
}

/** Without the engine's checks of `readUInt32BE`, which cost as much as a frame. */
export const readUint32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

/** Stream ids and increments, whose first bit means nothing. */
export const readUint31 = (bytes: Uint8Array, at: number): number => readUint32(bytes, at) & 0x7fffffff;

export const readUint24 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);

export const writeUint32 = (into: Uint8Array, at: number, value: number): void => {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
};
