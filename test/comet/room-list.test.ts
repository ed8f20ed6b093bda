import type { AxiosResponse } from 'axios';
import { expect, test } from 'vitest';
import { readRooms as readGrpcRooms } from '../../lib/comet/grpc/reply.ts';
import { readRooms as readHttpRooms } from '../../lib/comet/http/reply.ts';
import { MAX_COMET_ROOMS } from '../../lib/domain/limits.ts';
import { writeRooms } from '../../local/comet/grpc/messages.ts';

/** Short names, so that the list keeps to its limit in bytes. */
const rooms = (count: number): string[] => Array.from({ length: count }, (_, n) => n.toString(36));
const overHttp = (names: readonly string[]) =>
  readHttpRooms({
    headers: { 'content-type': 'application/json' },
    data: Buffer.from(JSON.stringify({ rooms: names })),
  } as unknown as AxiosResponse<Buffer>);
const overGrpc = (names: readonly string[]) => readGrpcRooms(writeRooms(names));

test.each([
  ['HTTP', overHttp],
  ['gRPC', overGrpc],
])(
  'over %s a comet has at most a million rooms, and a longer list is refused whole',
  (_wire, read) => {
    expect(read(rooms(MAX_COMET_ROOMS)).size).toBe(MAX_COMET_ROOMS);
    expect(() => read(rooms(MAX_COMET_ROOMS + 1))).toThrow(
      expect.objectContaining({ code: 'COMET_REPLY_TOO_LARGE', details: { rooms: MAX_COMET_ROOMS + 1 } }),
    );
  },
  60_000,
);
