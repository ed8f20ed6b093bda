import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { openGrpcComet } from '../../lib/comet/grpc/comet.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, undelivered } from '../../lib/domain/outcome.ts';
import { decodePackets } from '../../lib/domain/packet.ts';
import { readBroadcast, readBroadcastRoom, readPushMsg } from '../../local/comet/grpc/messages.ts';
import { allOp, pushOp, roomOp } from '../comet/contract.ts';
import { buildGoPeer, type GoCall, type GoComet, type GoPeer, serveGoComet } from './go-peer.ts';

const never = new AbortController().signal;
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const READ = {
  PushMsg: { type: 'push', read: readPushMsg },
  BroadcastRoom: { type: 'room', read: readBroadcastRoom },
  Broadcast: { type: 'all', read: readBroadcast },
} as const;
/** One text for one target. */
type Given = readonly [target: string, text: string];
const byTargetOf = (given: readonly Given[]): Record<string, string[]> => {
  const byTarget: Record<string, string[]> = {};
  for (const [target, text] of given) byTarget[target] = [...(byTarget[target] ?? []), text];
  return byTarget;
};
const textsOf = (packet: Uint8Array): string[] => {
  const inside = decodePackets(Buffer.from(packet));
  return inside.kind === 'packets' ? inside.packets.map(({ body }) => `${Buffer.from(body)}`) : [];
};
const targetsOf = (type: Op['type'], keys: readonly string[], room: string): string[] => {
  switch (type) {
    case 'push':
      return keys.map((key) => `key ${key}`);
    case 'room':
      return [room];
    case 'all':
      return ['all'];
  }
};
const givenBy = ({ Method, Body }: GoCall): Given[] => {
  const { type, read } = READ[Method];
  const { keys, room, proto } = read(Buffer.from(Body, 'base64'));
  const texts = textsOf(proto?.body ?? Buffer.alloc(0));
  return targetsOf(type, keys, room).flatMap((target) => texts.map((text): Given => [target, text]));
};
const dueFor = (op: Op): Given[] => {
  const targets = targetsOf(op.type, op.type === 'push' ? op.keys : [], op.type === 'room' ? op.room : '');
  return targets.map((target): Given => [target, `${Buffer.from(op.body, 'base64')}`]);
};
const opOf = (index: number): Op => {
  if (index % 50 === 0) return allOp(index);
  if (index % 5 === 0) return roomOp(index, `live://${index % 4}`);
  return pushOp(index, [`k${index % 300}`]);
};

describe.each(['1.22.3', 'current'] as const)('a comet on grpc-go %s', (version) => {
  const open: { close(): unknown }[] = [];
  let peer: GoPeer;
  beforeAll(() => {
    peer = buildGoPeer(version);
  });
  afterAll(() => peer.close());
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  const start = async (...flags: string[]): Promise<{ comet: GoComet; client: CometClient }> => {
    const comet = await serveGoComet(peer, ...flags);
    const client = openGrpcComet(`grpc://${comet.address}`, { callMs: 20_000 });
    open.push(comet, client);
    return { comet, client };
  };

  test('is given everything, in order for each target', async () => {
    const { comet, client } = await start();
    const ops = range(2_000, opOf);
    expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    const expected = byTargetOf(ops.flatMap(dueFor));
    await vi.waitFor(() => expect(byTargetOf(comet.calls.flatMap(givenBy))).toEqual(expected), 10_000);
  });

  test('that takes few calls at once refuses none', async () => {
    const { client } = await start('-streams', '10');
    const ops = range(300, (index) => pushOp(index, [`k${index}`]));
    expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
  });

  test('that sends its connections away again and again is given everything, in order', async () => {
    const { comet, client } = await start('-age', '30ms');
    const deliveries = range(40, (round) =>
      range(300, (index) => pushOp(300 * round + index, [`k${index}`])),
    );
    for (const ops of deliveries) expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    const expected = byTargetOf(deliveries.flat().flatMap(dueFor));
    await vi.waitFor(() => expect(byTargetOf(comet.calls.flatMap(givenBy))).toEqual(expected), 10_000);
  });

  test('may take and say what is larger than its windows', async () => {
    const { client } = await start('-rooms', '300000');
    expect((await client.rooms(never)).size).toBe(300_000);
    const large = { ...roomOp(1), body: Buffer.alloc(1_000_000, 'x').toString('base64') };
    expect(await client.deliver([large, { ...large, id: 't/0/2' }], never)).toEqual([DELIVERED, DELIVERED]);
  });

  test('that refuses a method fails its calls alone', async () => {
    const { client } = await start('-refused', 'BroadcastRoom');
    expect(await client.deliver([roomOp(1), pushOp(2, ['a'])], never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The comet answered RESOURCE_EXHAUSTED' }),
      DELIVERED,
    ]);
  });
});
