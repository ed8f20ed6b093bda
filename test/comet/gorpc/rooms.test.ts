import { afterEach, describe, expect, test } from 'vitest';
import { openGorpcComet } from '../../../lib/comet/gorpc/comet.ts';
import { MAX_COMET_ROOMS } from '../../../lib/domain/limits.ts';
import { DELIVERED } from '../../../lib/domain/outcome.ts';
import { INT, set, slice, struct } from '../../../lib/gob/type.ts';
import { roomOp } from '../contract.ts';
import { type PeerCall, startRpcPeer } from './rpc-peer.ts';

const never = new AbortController().signal;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (answer: (call: PeerCall) => void) => {
  const peer = await startRpcPeer(answer);
  const client = openGorpcComet(peer.url, { callMs: 20_000 });
  open.push(client, peer);
  return { peer, client };
};

const LIST = struct('RoomsReply', { RoomIds: slice(INT) });
const SET = struct('RoomsReply', { RoomIds: set(INT) });

describe.each([
  ['a list, as in v1.2', LIST],
  ['a set, as since 2016-08-22', SET],
])('rooms that come as %s', (_name, type) => {
  test('are decimal strings, and the same set again while they are the same', async () => {
    let ids = [1000, -1, 0, 2 ** 31 - 1, -(2 ** 31)];
    const { client } = await start((call) => call.replyWith(type, { RoomIds: ids }));
    const first = await client.rooms(never);
    expect(new Set(first)).toEqual(new Set(['1000', '-1', '0', '2147483647', '-2147483648']));
    ids = ids.toReversed();
    expect(await client.rooms(never)).toBe(first);
    ids = [7];
    expect(new Set(await client.rooms(never))).toEqual(new Set(['7']));
  });

  test('may be none', async () => {
    const { client } = await start((call) => call.replyWith(type, { RoomIds: [] }));
    expect(new Set(await client.rooms(never))).toEqual(new Set());
  });

  test('may be a million, and no more', async () => {
    let count = MAX_COMET_ROOMS;
    const { client } = await start((call) =>
      call.replyWith(type, { RoomIds: Array.from({ length: count }, (_, id) => id) }),
    );
    expect((await client.rooms(never)).size).toBe(MAX_COMET_ROOMS);
    count += 1;
    await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_TOO_LARGE' });
  });
});

test('a room that v1.2 names once for each of its buckets is one room', async () => {
  const { client } = await start((call) => call.replyWith(LIST, { RoomIds: [5, 1, 5, 5, 1] }));
  expect(new Set(await client.rooms(never))).toEqual(new Set(['1', '5']));
});

test.each(['live://1', '', '007', '1.5', '2147483648', '-0', '+1', '1e3'])(
  'the room %o, which is no int32, has nobody on such a comet: delivered without a call',
  async (room) => {
    const { client, peer } = await start((call) => call.reply());
    expect(await client.deliver([roomOp(1, room)], never)).toEqual([DELIVERED]);
    expect(peer.calls).toEqual([]);
  },
);
