import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeCall } from '../../../../lib/comet/grpc/message.ts';
import { readRooms, unframe } from '../../../../lib/comet/grpc/reply.ts';
import type { Op } from '../../../../lib/domain/op.ts';
import type { ReferenceComet } from '../../../../local/comet/reference-comet.ts';
import { goim } from '../../../vectors.ts';
import { allOp, PATIENCE_MS, pushOp, received, roomOp, useComets } from '../setup.ts';

const { start, connect } = useComets();
const open: { close(): void }[] = [];
afterEach(() => {
  for (const caller of open.splice(0)) caller.close();
});

const bytes = (message: Buffer): Buffer => message;
/** grpc-js on both sides. */
const call = (
  { grpcUrl }: ReferenceComet,
  method: string,
  message: Buffer,
  timeoutMs = PATIENCE_MS,
): Promise<Buffer> => {
  const Client = makeGenericClientConstructor({}, 'goim.comet.Comet');
  // Else a refused connection would make the next caller wait.
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const caller = new Client(new URL(`${grpcUrl}`).host, credentials.createInsecure(), options);
  open.push(caller);
  return new Promise((resolve, reject) => {
    caller.makeUnaryRequest(
      `/goim.comet.Comet/${method}`,
      bytes,
      bytes,
      message,
      { deadline: Date.now() + timeoutMs },
      (error, reply) => (error === null ? resolve(reply as Buffer) : reject(error)),
    );
  });
};
const send = (comet: ReferenceComet, op: Op, timeoutMs?: number): Promise<Buffer> => {
  const { method, frame } = encodeCall([op]);
  return call(comet, method, unframe(frame), timeoutMs);
};
const hex = (name: keyof typeof goim.grpcV2): Buffer => Buffer.from(goim.grpcV2[name], 'hex');

describe('goim.comet.Comet of a reference comet', () => {
  it('says where it listens, if it is served', async () => {
    expect((await start({ grpcPort: 0 })).grpcUrl).toMatch(/^grpc:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect((await start({ id: 'comet-2' })).grpcUrl).toBeUndefined();
  });

  it("takes goim's own bytes", async () => {
    const comet = await start({ grpcPort: 0 });
    const client = await connect(comet);
    await call(comet, 'PushMsg', hex('PushMsgReq k1,k2'));
    await call(comet, 'BroadcastRoom', hex('BroadcastRoomReq live://1000, 2 messages {"test":1} {"test":2}'));
    await call(comet, 'Broadcast', hex('BroadcastReq speed 250'));
    expect(await received(client)).toEqual([
      '1000 {"test":1}',
      '1000 {"test":1}',
      '1000 {"test":2}',
      '1000 {"test":1}',
    ]);
    expect(await call(comet, 'Rooms', Buffer.alloc(0))).toEqual(hex('RoomsReply live://1000'));
  });

  it('pushes and broadcasts only what a connection accepts', async () => {
    const comet = await start({ grpcPort: 0 });
    const client = await connect(comet, { accepts: [7] });
    for (const op of [
      pushOp(['k1'], 'push'),
      allOp('all'),
      roomOp('live://1000', 'room'),
      pushOp(['k1'], 'mine', 7),
    ])
      await send(comet, op);
    expect(await received(client)).toEqual(['1000 room', '7 mine']);
  });

  it.each([
    ['PushMsg', '', 'rpc pushmsg arg error'],
    ['PushMsg', '0a026b31', 'rpc pushmsg arg error'],
    ['BroadcastRoom', '0a0161', 'rpc broadcast  room arg error'],
    ['Broadcast', '', 'rpc broadcast arg error'],
  ])("refuses %s of '%s' in goim's words", async (method, message, words) => {
    const comet = await start({ grpcPort: 0 });
    await expect(call(comet, method, Buffer.from(message, 'hex'))).rejects.toMatchObject({
      code: 2,
      details: words,
    });
  });

  it('does not know Ping, as later versions of goim', async () => {
    await expect(call(await start({ grpcPort: 0 }), 'Ping', Buffer.alloc(0))).rejects.toMatchObject({
      code: 12,
    });
  });

  it('stops, hangs and starts with the HTTP API, on the same port', async () => {
    const comet = await start({ grpcPort: 0 });
    await comet.stop();
    await expect(send(comet, roomOp('r', 'x'))).rejects.toMatchObject({ code: 14 });
    await comet.hang();
    await expect(send(comet, roomOp('r', 'x'), 100)).rejects.toMatchObject({ code: 4 });
    await comet.start();
    await expect(send(comet, roomOp('r', 'x'))).resolves.toEqual(Buffer.alloc(0));
  });

  it('frees all ports if one is taken', async () => {
    const first = await start({ grpcPort: 0 });
    const grpcPort = Number(new URL(`${first.grpcUrl}`).port);
    await expect(start({ grpcPort })).rejects.toMatchObject({ code: 'EADDRINUSE', port: grpcPort });
  });

  it('answers a long room list when it is asked to', async () => {
    const comet = await start({ grpcPort: 0 });
    comet.setFault({ kind: 'huge', bytes: 2_000_000 });
    await connect(comet);
    const reply = await call(comet, 'Rooms', Buffer.alloc(0));
    expect([reply.length, readRooms(reply)]).toEqual([2_000_000, new Set(['live://1000'])]);
  });
});

describe('a broadcast to a comet that does it later', () => {
  it('is answered first, and then goes through the buckets, also with pauses', async () => {
    const comet = await start({ grpcPort: 0, traps: { laterBroadcast: { buckets: 4, secondMs: 1 } } });
    const clients = [];
    for (const key of ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']) clients.push(await connect(comet, { key }));
    await send(comet, allOp('all', 1000, 1));
    for (const client of clients) expect(await client.waitForMessages(1, PATIENCE_MS)).toHaveLength(1);
    expect(comet.delivered.all).toBe(6);
  });

  it('is overtaken in its pauses by one without a speed', async () => {
    const comet = await start({ grpcPort: 0, traps: { laterBroadcast: { buckets: 2, secondMs: 100 } } });
    const clients = [await connect(comet, { key: 'a' }), await connect(comet, { key: 'b' })];
    await send(comet, allOp('slow', 1000, 1));
    await send(comet, allOp('fast'));
    const orders = new Set<string>();
    for (const client of clients) {
      const messages = await client.waitForMessages(2, PATIENCE_MS);
      orders.add(messages.map(({ body }) => `${body}`).join());
    }
    expect(orders).toContain('fast,slow');
  });
});
