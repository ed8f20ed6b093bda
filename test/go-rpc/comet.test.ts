import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { openGorpcComet } from '../../lib/comet/gorpc/comet.ts';
import { MAX_COMET_ROOMS } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { decodePackets } from '../../lib/domain/packet.ts';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { connectGoimClient } from '../../local/goim-client/client.ts';
import { allOp, pushOp, roomOp } from '../comet/contract.ts';
import { type Applied, buildGoPeer, type GoComet, type GoPeer } from './go-peer.ts';

const never = new AbortController().signal;
const open: { close(): unknown }[] = [];
let peer: GoPeer;
beforeAll(() => {
  peer = buildGoPeer();
});
afterAll(() => peer.close());
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const serve = async (...flags: string[]): Promise<GoComet> => {
  const comet = await peer.serve(...flags);
  open.push(comet);
  return comet;
};
const client = ({ address }: GoComet, callMs = 20_000): CometClient => {
  const opened = openGorpcComet(`gorpc://${address}?bodies=any`, { callMs });
  open.push(opened);
  return opened;
};
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The messages of a packet: those inside, if it is a raw one. */
const textsOf = ({ Operation, Body }: Applied): string[] => {
  const bytes = Buffer.from(Body, 'base64');
  const inside = Operation === 11 ? decodePackets(bytes) : undefined;
  return inside?.kind === 'packets' ? inside.packets.map(({ body }) => `${Buffer.from(body)}`) : [`${bytes}`];
};
const textsByTarget = (applied: readonly Applied[]): Record<string, string[]> => {
  const texts: Record<string, string[]> = {};
  for (const one of applied) texts[one.Target] = [...(texts[one.Target] ?? []), ...textsOf(one)];
  return texts;
};
const OPS: Op[] = range(2_000, (index) => {
  if (index % 50 === 0) return allOp(index);
  if (index % 5 === 0) return roomOp(index, `${index % 4}`);
  return pushOp(index, [`k${index % 300}`, `k${(index * 7) % 301}`]);
});
/** What each target is to get, in order. */
const expected = (): Record<string, string[]> => {
  const texts: Record<string, string[]> = {};
  for (const op of OPS) {
    const targets =
      op.type === 'push'
        ? op.keys.map((key) => `key ${key}`)
        : [op.type === 'room' ? `room ${op.room}` : 'all'];
    for (const target of new Set(targets))
      texts[target] = [...(texts[target] ?? []), `${Buffer.from(op.body, 'base64')}`];
  }
  return texts;
};
/** A push that names a key twice reaches it twice. */
const once = (texts: readonly string[] = []): string[] =>
  texts.filter((text, index) => texts[index - 1] !== text);

describe.each(['list', 'set', 'old'])("Go's own net/rpc as a comet, variant %s", (variant) => {
  test.each(['', 'late'])(
    'is given everything, in order for each target, when it answers %s',
    async (mode) => {
      const comet = await serve('-log', '-variant', variant, '-mode', mode);
      expect(await client(comet).deliver(OPS, never)).toEqual(OPS.map(() => DELIVERED));
      const wanted = expected();
      // What the peer says of a call may come after its answer.
      await vi.waitFor(() => {
        const texts = textsByTarget(comet.applied);
        expect(Object.keys(texts).toSorted()).toEqual(Object.keys(wanted).toSorted());
        for (const [target, list] of Object.entries(wanted))
          expect(once(texts[target]), target).toEqual(list);
      }, 10_000);
      expect(new Set(comet.applied.map(({ Ver }) => Ver))).toEqual(new Set([0]));
    },
  );
});

describe("Go's own net/rpc", () => {
  test.each(['list', 'set'])('lists its rooms as a %s, each once', async (variant) => {
    const comet = await serve('-variant', variant, '-rooms', '3');
    const opened = client(comet);
    const first = await opened.rooms(never);
    expect(new Set(first)).toEqual(new Set(['0', '1000', '2000']));
    expect(await opened.rooms(never)).toBe(first);
  });

  test('may have a million rooms, and no more', async () => {
    const opened = client(await serve('-variant', 'set', '-rooms', `${MAX_COMET_ROOMS}`));
    expect((await opened.rooms(never)).size).toBe(MAX_COMET_ROOMS);
    const larger = client(await serve('-variant', 'set', '-rooms', `${MAX_COMET_ROOMS + 1}`));
    await expect(larger.rooms(never)).rejects.toMatchObject({ code: 'COMET_REPLY_TOO_LARGE' });
  });

  test('says which call fails: one is refused by itself, another undelivered, its words nowhere', async () => {
    const opened = client(await serve());
    const refused: Outcome = { status: 'dropped', reason: 'refused', detail: expect.any(String) };
    const ops = [pushOp(1, ['a']), pushOp(2, ['error']), pushOp(3, ['b'])];
    expect(await opened.deliver(ops, never)).toEqual([DELIVERED, refused, DELIVERED]);
    const failed = await opened.deliver([pushOp(4, ['fail'])], never);
    expect(failed).toEqual([undelivered('COMET_STATUS', { detail: 'The comet answered an error' })]);
    expect(inspect(failed, { depth: 10 })).not.toContain('secret');
    expect(await opened.deliver([pushOp(5, ['a'])], never)).toEqual([DELIVERED]);
  });

  test('that ends a connection in the middle of an answer is called again on another', async () => {
    const comet = await serve('-mode', 'half');
    const opened = client(comet);
    for (const offset of range(5, (index) => index))
      expect(await opened.deliver([roomOp(offset, `${offset}`)], never)).toEqual([DELIVERED]);
  });

  test('that never answers costs one deadline', async () => {
    const opened = client(await serve('-mode', 'silent'), 200);
    expect(await opened.deliver([roomOp(1, '1'), pushOp(2, ['a'])], never)).toEqual(
      Array(2).fill(undelivered('COMET_TIMEOUT')),
    );
  });
});

describe.each(['list', 'set'] as const)(
  "Go's own client, to the reference comet with rooms as a %s",
  (roomsVariant) => {
    test('reads each of its answers', async () => {
      const ports = { clientPort: 0, apiPort: 0, gorpcPort: 0 };
      const comet = await startReferenceComet({ id: '3', host: '127.0.0.1', ...ports, roomsVariant });
      open.push(comet);
      const { clientUrl: url } = comet;
      const connected = await connectGoimClient({ url, key: 'k1', roomId: '1000', accepts: [], version: 0 });
      open.push(connected);
      const address = new URL(`${comet.gorpcUrl}`).host;
      expect(await peer.run('ask', '-address', address, '-variant', roomsVariant)).toEqual({
        Ping: {},
        MPushMsg: { Index: 0 },
        MPushMsgs: { Index: 2 },
        Broadcast: {},
        BroadcastRoom: {},
        Missing: "rpc: can't find method PushRPC.Missing",
        Rooms: [1000],
      });
      expect((await connected.waitForMessages(4, 10_000)).map(({ body }) => `${body}`)).toEqual(
        Array(4).fill('{"test":1}'),
      );
    });
  },
);
