import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePackets,
  encodePacket,
  HEADER_BYTES,
  OPERATION,
  type Packet,
} from '../../lib/domain/packet.ts';
import vectors from '../vectors/goim.json' with { type: 'json' };

const HEX = vectors.packet['op 1000, {"test":1}'];
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const message = (body: string): Packet => ({
  version: 1,
  operation: 1000,
  sequence: 0,
  body: Buffer.from(body),
});

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anyPacket = fc.record({
  version: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  operation: int32,
  sequence: int32,
  body: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
});

describe('packet', () => {
  it('encodes a message byte for byte as goim does', () => {
    expect(encodePacket(message('{"test":1}')).toString('hex')).toBe(HEX);
  });

  it("encodes v1's packet of a room message", () => {
    const packet = { ...message('{"test":1}'), version: 0, operation: OPERATION.sendReply };
    expect(encodePacket(packet).toString('hex')).toBe(vectors['v1Room packet in BroadcastRoom body']);
  });

  it('decodes a message byte for byte as goim does', () => {
    expect(decodePackets(hex(HEX))).toEqual({ kind: 'packets', packets: [message('{"test":1}')] });
  });

  it("finds the message in a WebSocket frame's raw packet", () => {
    const outer = decodePackets(hex(vectors.webSocketV2['one message']).subarray(2));
    expect(outer).toEqual({
      kind: 'packets',
      packets: [{ version: 1, operation: OPERATION.raw, sequence: 0, body: hex(HEX) }],
    });
  });

  it('splits the two messages of a gRPC room request', () => {
    const request = vectors.grpcV2['BroadcastRoomReq live://1000, 2 messages {"test":1} {"test":2}'];
    const packets = hex(request.slice(request.indexOf(HEX.slice(0, 8))));
    expect(decodePackets(packets)).toEqual({
      kind: 'packets',
      packets: [message('{"test":1}'), message('{"test":2}')],
    });
  });

  it('finds no packet in no bytes', () => {
    expect(decodePackets(new Uint8Array())).toEqual({ kind: 'packets', packets: [] });
  });

  it.each([
    ['a header that is cut off', HEX.slice(0, 30)],
    ['a body that is cut off', HEX.slice(0, -2)],
    ['bytes after the last packet', `${HEX}00`],
    ['a header length that is not 16', HEX.replace('00100001', '00110001')],
    ['a packet length under 16', `0000000f${HEX.slice(8, 32)}`],
    ['a negative packet length', `ffffffff${HEX.slice(8)}`],
    ['a second packet that is malformed', `${HEX}${HEX.slice(0, -2)}`],
  ])('calls %s malformed', (_, text) => {
    expect(decodePackets(hex(text))).toEqual({ kind: 'malformed', problem: expect.any(String) });
  });

  it.each([
    [HEX.slice(0, 30), 'packet 0: 15 bytes are less than a header'],
    [HEX.replace('00100001', '00110001'), "packet 0: the header's length is 17, not 16"],
    [`0000000f${HEX.slice(8, 32)}`, "packet 0: the packet's length is 15 of 16 bytes"],
  ])('says what is wrong with %s', (text, problem) => {
    expect(decodePackets(hex(text))).toEqual({ kind: 'malformed', problem });
  });

  it('says which packet is malformed', () => {
    expect(decodePackets(hex(`${HEX}${HEX.slice(0, -2)}`))).toMatchObject({
      problem: expect.stringMatching(/^packet 1:/),
    });
  });

  it.each([
    ['a version', { version: 2 ** 15 }],
    ['an operation', { operation: 2 ** 31 }],
    ['a sequence', { sequence: -(2 ** 31) - 1 }],
  ])('throws for %s that does not fit its field', (_, wrong) => {
    expect(() => encodePacket({ ...message(''), ...wrong })).toThrow(RangeError);
  });

  it('decodes what it has encoded, however many packets', () => {
    fc.assert(
      fc.property(fc.array(anyPacket, { maxLength: 5 }), (packets) => {
        const bytes = Buffer.concat(packets.map(encodePacket));
        expect(decodePackets(bytes)).toEqual({ kind: 'packets', packets });
      }),
    );
  });

  it('never throws on random bytes and never reads past them', () => {
    const headerLike = fc.tuple(fc.integer({ min: 0, max: 64 }), fc.uint8Array({ maxLength: 64 }));
    fc.assert(
      fc.property(headerLike, ([length, rest]) => {
        const bytes = Buffer.concat([Buffer.from([0, 0, 0, length, 0, 16]), rest]);
        const decoded = decodePackets(bytes);
        if (decoded.kind === 'malformed') return;
        const total = decoded.packets.reduce((sum, { body }) => sum + HEADER_BYTES + body.length, 0);
        expect(total).toBe(bytes.length);
      }),
    );
  });

  it('decodes a view of a larger buffer', () => {
    const padded = new Uint8Array(Buffer.concat([Buffer.alloc(3), hex(HEX), Buffer.alloc(3)]));
    expect(decodePackets(padded.subarray(3, -3))).toEqual({
      kind: 'packets',
      packets: [message('{"test":1}')],
    });
  });
});
