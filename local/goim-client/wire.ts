const HEADER_BYTES = 16;

export const OP = {
  heartbeat: 2,
  auth: 7,
  raw: 9,
  changeRoom: 12,
  subscribe: 14,
  unsubscribe: 16,
} as const;

/** goim numbers the reply to each request one higher. */
export const replyOf = (operation: number): number => operation + 1;

export interface GoimPacket {
  readonly operation: number;
  readonly body: Buffer;
}

export const encode = (operation: number, body: string, version: 0 | 1): Buffer => {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32BE(HEADER_BYTES + bytes.length, 0);
  header.writeInt16BE(HEADER_BYTES, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(operation, 8);
  return Buffer.concat([header, bytes]);
};

const lengthAt = (bytes: Buffer, at: number, version: 0 | 1): number => {
  const left = bytes.length - at;
  if (left < HEADER_BYTES) throw new Error('a packet is shorter than its header');
  if (bytes.readInt16BE(at + 4) !== HEADER_BYTES) throw new Error('a header has a wrong length');
  if (bytes.readInt16BE(at + 6) !== version) throw new Error(`a packet is not of version ${version}`);
  const length = bytes.readInt32BE(at);
  if (length < HEADER_BYTES || length > left) throw new Error('a packet has a wrong length');
  return length;
};

/** Throws if the lengths do not add up, or a packet is of another version. */
export const decode = (bytes: Buffer, version: 0 | 1): GoimPacket[] => {
  const packets: GoimPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthAt(bytes, at, version);
    packets.push({ operation: bytes.readInt32BE(at + 8), body: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return packets;
};

/** Throws unless the frame is exactly one packet of v2. */
export const decodeFrame = (frame: Buffer): GoimPacket => {
  const [packet, ...more] = decode(frame, 1);
  if (packet === undefined || more.length > 0) throw new Error('a frame is not one packet');
  return packet;
};
