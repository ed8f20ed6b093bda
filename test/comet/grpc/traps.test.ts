import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Guard } from '../../../lib/comet/calls/guards.ts';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openGrpcComet } from '../../../lib/comet/grpc/comet.ts';
import { encodeCall } from '../../../lib/comet/grpc/message.ts';
import { unframe } from '../../../lib/comet/grpc/reply.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { DELIVERED, type Outcome } from '../../../lib/domain/outcome.ts';
import { type ReferenceComet, startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { GOIM_TRAPS, type Traps } from '../../../local/comet/traps.ts';
import { connectGoimClient, type GoimClient } from '../../../local/goim-client/client.ts';
import { allOp, pushOp, roomOp } from '../contract.ts';

const never = new AbortController().signal;
const PATIENT_MS = 10_000;
const ALL_GUARDS: readonly Guard[] = ['coalescing', 'order', 'pace'];

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
const keep = <T extends { close(): unknown }>(one: T): T => {
  open.push(one);
  return one;
};

const start = async (traps: Traps, onOp: (op: Op) => void = () => {}): Promise<ReferenceComet> =>
  keep(
    await startReferenceComet({
      id: 'c',
      host: '127.0.0.1',
      clientPort: 0,
      apiPort: 0,
      grpcPort: 0,
      traps,
      onOp,
    }),
  );
const connect = async ({ clientUrl }: ReferenceComet, key: string): Promise<GoimClient> =>
  keep(await connectGoimClient({ url: clientUrl, key, roomId: 'live://1', accepts: [1000] }));
const client = ({ grpcUrl }: ReferenceComet, guardsOff: readonly Guard[] = []): CometClient =>
  keep(openGrpcComet(`${grpcUrl}`, { callMs: PATIENT_MS, guardsOff }));

const textOf = ({ body }: { body: string }): string => Buffer.from(body, 'base64').toString();
const received = async (connected: GoimClient, count: number): Promise<string[]> =>
  (await connected.waitForMessages(count, PATIENT_MS)).map(({ body }) => String(body));
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe.each([
  ['a room', (offset: number) => roomOp(offset)],
  ['everyone', (offset: number) => allOp(offset)],
])('a burst of 100 messages to %s, at rest until then, with queues of 10', (_name, opOf) => {
  const ops = range(100, opOf);

  test('arrives whole and in order', async () => {
    const comet = await start(GOIM_TRAPS);
    const connected = await connect(comet, 'k1');
    expect(await client(comet).deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(await received(connected, 100)).toEqual(ops.map(textOf));
    expect(comet.delivered.slow).toBe(0);
  });

  test('overflows them silently without the guards', async () => {
    const comet = await start({ queue: GOIM_TRAPS.queue });
    await connect(comet, 'k1');
    const outcomes = await client(comet, ['coalescing', 'pace']).deliver(ops, never);
    expect(outcomes).toEqual(ops.map(() => DELIVERED));
    expect(comet.delivered.slow).toBeGreaterThan(0);
  });
});

describe('one hot room at full speed, delivery after delivery, with queues of 10', () => {
  const deliveries = range(40, (delivery) => range(50, (index) => roomOp(delivery * 50 + index)));
  const deliverAll = async (opened: CometClient): Promise<void> => {
    for (const ops of deliveries) await opened.deliver(ops, never);
  };

  test('loses nothing', async () => {
    const comet = await start(GOIM_TRAPS);
    const connected = await connect(comet, 'k1');
    await deliverAll(client(comet));
    expect(await received(connected, 2_000)).toEqual(deliveries.flat().map(textOf));
    expect(comet.delivered.slow).toBe(0);
  });

  test('loses messages without the guards', async () => {
    const comet = await start({ queue: GOIM_TRAPS.queue });
    await connect(comet, 'k1');
    await deliverAll(client(comet, ['coalescing', 'pace']));
    expect(comet.delivered.slow).toBeGreaterThan(0);
  });
});

describe('calls of one room to a comet that swaps close ones', () => {
  const ops = range(20, (offset) => roomOp(offset));
  const deliverTo = async (guardsOff: readonly Guard[]): Promise<string[]> => {
    const applied: string[] = [];
    const comet = await start({ swapsWithinMs: 1 }, (op) => applied.push(textOf(op)));
    const connected = await connect(comet, 'k1');
    await client(comet, guardsOff).deliver(ops, never);
    expect(await received(connected, 20)).toEqual(applied);
    return applied;
  };

  test('keep their order, one message a call', async () => {
    expect(await deliverTo(['coalescing'])).toEqual(ops.map(textOf));
  });

  test('lose it without the guards', async () => {
    const applied = await deliverTo(ALL_GUARDS);
    expect(applied).not.toEqual(ops.map(textOf));
    expect(applied.toSorted()).toEqual(ops.map(textOf).toSorted());
  });
});

describe('a connection that takes no more', () => {
  /** The first packet is written at once, the second waits for longer than any test runs. */
  const stuck: Traps = { queue: { packets: 1, everyMs: 60_000 }, fullFails: true };
  const fill = async (opened: CometClient, key: string): Promise<Outcome> => {
    for (let offset = 100; ; offset++) {
      const [outcome] = await opened.deliver([pushOp(offset, [key])], never);
      if (outcome?.status !== 'delivered') return outcome as Outcome;
    }
  };

  test('costs its own push alone, after one more try', async () => {
    const comet = await start(stuck);
    await connect(comet, 'slow');
    expect(await fill(client(comet), 'slow')).toEqual({
      status: 'dropped',
      reason: 'slow',
      detail: '1 of 1 keys',
      keys: ['slow'],
    });
    expect(await client(comet).deliver([pushOp(1, ['gone']), roomOp(2, 'live://2')], never)).toEqual([
      DELIVERED,
      DELIVERED,
    ]);
  });

  test('in a list of keys costs only itself: the others get the message, some of them twice', async () => {
    const comet = await start(stuck);
    const opened = client(comet);
    await connect(comet, 'slow');
    await fill(opened, 'slow');
    const [before, after] = [await connect(comet, 'before'), await connect(comet, 'after')];
    expect(await opened.deliver([pushOp(1, ['before', 'slow', 'after'])], never)).toEqual([
      { status: 'dropped', reason: 'slow', detail: '1 of 3 keys', keys: ['slow'] },
    ]);
    expect(new Set(await received(before, 1))).toEqual(new Set(['push 1']));
    expect(await received(after, 1)).toEqual(['push 1']);
  });

  test('keeps those after it in a list from their message if the list is sent once, as by goim', async () => {
    const comet = await start(stuck);
    await connect(comet, 'slow');
    await fill(client(comet), 'slow');
    const sentBefore = comet.delivered.push;
    await connect(comet, 'after');
    const failure = await callOnce(comet, pushOp(1, ['slow', 'after']));
    expect(failure).toMatchObject({ code: 2, details: 'signal channel full, msg dropped' });
    expect(comet.delivered.push).toBe(sentBefore);
  });

  test('for a moment only gets its pushes, all of them and in order', async () => {
    const comet = await start({ queue: { packets: 1, everyMs: 5 }, fullFails: true });
    const connected = await connect(comet, 'k1');
    const ops = range(6, (offset) => pushOp(offset, ['k1']));
    expect(await client(comet, ['coalescing']).deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(await received(connected, 6)).toEqual(ops.map(textOf));
  });

  test('is noticed by nobody on a comet of v2.0.0, which says OK', async () => {
    const comet = await start({ queue: { packets: 1, everyMs: 60_000 } });
    await connect(comet, 'slow');
    const ops = range(5, (offset) => pushOp(offset, ['slow']));
    expect(await client(comet, ['coalescing']).deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(comet.delivered.slow).toBeGreaterThan(0);
  });
});

/** grpc-js as the caller, once and without anything around it. */
const callOnce = ({ grpcUrl }: ReferenceComet, op: Op): Promise<ServiceError | null> => {
  const Client = makeGenericClientConstructor({}, 'goim.comet.Comet');
  const caller = keep(new Client(new URL(`${grpcUrl}`).host, credentials.createInsecure()));
  const { method, frame } = encodeCall([op]);
  const bytes = (message: Buffer): Buffer => message;
  return new Promise((resolve) => {
    caller.makeUnaryRequest(`/goim.comet.Comet/${method}`, bytes, bytes, unframe(frame), (error) =>
      resolve(error),
    );
  });
};
