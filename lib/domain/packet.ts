/** Operations of goim v2's own protocol; those above are the application's. */
export const OPERATION = {
  handshake: 0,
  handshakeReply: 1,
  heartbeat: 2,
  heartbeatReply: 3,
  send: 4,
  sendReply: 5,
  disconnectReply: 6,
  auth: 7,
  authReply: 8,
  /** Its body is finished packets. */
  raw: 9,
  protoReady: 10,
  protoFinish: 11,
  changeRoom: 12,
  changeRoomReply: 13,
  subscribe: 14,
  subscribeReply: 15,
  unsubscribe: 16,
  unsubscribeReply: 17,
} as const;

/** The version that goim v2's job writes. */
export const PACKET_VERSION = 1;
/** goim v1's, also of its raw packets. */
export const V1_PACKET_VERSION = 0;
/** Operations of goim v1 that v2 has others for. */
export const V1_OPERATION = {
  /** Of every message that v1's logic sends: SEND_SMS_REPLY. */
  message: 5,
  /** Its body is finished packets. */
  raw: 11,
} as const;
export const HEADER_BYTES = 16;

const AT = { packetBytes: 0, headerBytes: 4, version: 6, operation: 8, sequence: 12 } as const;

/** One message on a client's connection. `version` is an int16, `operation` and `sequence` are int32. */
export interface Packet {
  readonly version: number;
  readonly operation: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

export type DecodedPackets =
  | { readonly kind: 'packets'; readonly packets: readonly Packet[] }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Writes a header to where a packet starts. Throws a RangeError if a number does not fit its field. */
export const writeHeader = (
  into: Buffer,
  start: number,
  { version, operation, sequence }: Omit<Packet, 'body'>,
  bodyBytes: number,
): void => {
  into.writeInt32BE(HEADER_BYTES + bodyBytes, start + AT.packetBytes);
  into.writeInt16BE(HEADER_BYTES, start + AT.headerBytes);
  into.writeInt16BE(version, start + AT.version);
  into.writeInt32BE(operation, start + AT.operation);
  into.writeInt32BE(sequence, start + AT.sequence);
};

/** Throws a RangeError if a number does not fit its field. */
export const encodePacket = ({ body, ...header }: Packet): Buffer => {
  const packet = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  writeHeader(packet, 0, header, body.length);
  packet.set(body, HEADER_BYTES);
  return packet;
};

const problemOf = (rest: Buffer): string | undefined => {
  if (rest.length < HEADER_BYTES) return `${rest.length} bytes are less than a header`;
  const headerBytes = rest.readInt16BE(AT.headerBytes);
  if (headerBytes !== HEADER_BYTES) return `the header's length is ${headerBytes}, not ${HEADER_BYTES}`;
  const packetBytes = rest.readInt32BE(AT.packetBytes);
  const fits = packetBytes >= HEADER_BYTES && packetBytes <= rest.length;
  return fits ? undefined : `the packet's length is ${packetBytes} of ${rest.length} bytes`;
};

const firstPacket = (rest: Buffer): Packet => ({
  version: rest.readInt16BE(AT.version),
  operation: rest.readInt32BE(AT.operation),
  sequence: rest.readInt32BE(AT.sequence),
  body: rest.subarray(HEADER_BYTES, rest.readInt32BE(AT.packetBytes)),
});

/** Splits whole packets, one after the other; each body is a view of `bytes`, not a copy. */
export const decodePackets = (bytes: Uint8Array): DecodedPackets => {
  const packets: Packet[] = [];
  let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (rest.length > 0) {
    const problem = problemOf(rest);
    if (problem !== undefined) return { kind: 'malformed', problem: `packet ${packets.length}: ${problem}` };
    const packet = firstPacket(rest);
    packets.push(packet);
    rest = rest.subarray(HEADER_BYTES + packet.body.length);
  }
  return { kind: 'packets', packets };
};
