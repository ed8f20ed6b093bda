import { afterEach, describe, expect, test } from 'vitest';
import type { Guard } from '../../../lib/comet/calls/guards.ts';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openGorpcComet } from '../../../lib/comet/gorpc/comet.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { DELIVERED, type Outcome } from '../../../lib/domain/outcome.ts';
import { type ReferenceComet, startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { GOIM_V1_TRAPS, type Traps } from '../../../local/comet/traps.ts';
import { connectGoimClient, type GoimClient } from '../../../local/goim-client/client.ts';
import { allOp, pushOp, roomOp } from '../contract.ts';

const never = new AbortController().signal;
const PATIENT_MS = 20_000;
const { jsonOnly: _, ...ANY_BODY_TRAPS } = GOIM_V1_TRAPS;

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
      id: '1',
      host: '127.0.0.1',
      clientPort: 0,
      apiPort: 0,
      gorpcPort: 0,
      traps,
      onOp,
    }),
  );
const connect = async ({ clientUrl }: ReferenceComet, key: string): Promise<GoimClient> =>
  keep(await connectGoimClient({ url: clientUrl, key, roomId: '1', accepts: [], version: 0 }));
const client = (
  { gorpcUrl }: ReferenceComet,
  guardsOff: readonly Guard[] = [],
  query = '?bodies=any',
): CometClient => keep(openGorpcComet(`${gorpcUrl}${query}`, { callMs: PATIENT_MS, guardsOff }));

const textOf = ({ body }: { body: string }): string => Buffer.from(body, 'base64').toString();
const received = async (connected: GoimClient, count: number): Promise<string[]> =>
  (await connected.waitForMessages(count, PATIENT_MS)).map(({ body }) => String(body));
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const KINDS: [string, (offset: number) => Op][] = [
  ['a key', (offset) => pushOp(offset, ['k1'])],
  ['a room', (offset) => roomOp(offset, '1')],
  ['everyone', (offset) => allOp(offset)],
];

describe.each(KINDS)('messages to %s of a comet with all of goim v1’s traps', (_name, opOf) => {
  const deliveries = range(100, (delivery) => range(10, (index) => opOf(delivery * 10 + index)));
  const deliverAll = async (opened: CometClient): Promise<void> => {
    for (const ops of deliveries) await opened.deliver(ops, never);
  };

  test('arrive whole and in order, delivery after delivery', async () => {
    const comet = await start(ANY_BODY_TRAPS);
    const connected = await connect(comet, 'k1');
    await deliverAll(client(comet));
    expect(await received(connected, 1_000)).toEqual(deliveries.flat().map(textOf));
    expect(comet.delivered.slow).toBe(0);
  });

  test('overflow the queue of 80 silently without the guards', async () => {
    const comet = await start({ queue: GOIM_V1_TRAPS.queue });
    await connect(comet, 'k1');
    const outcomes = await client(comet, ['coalescing', 'pace']).deliver(deliveries.flat(), never);
    expect(outcomes).toEqual(deliveries.flat().map(() => DELIVERED));
    expect(comet.delivered.slow).toBeGreaterThan(0);
  });
});

describe('a comet that runs calls in parallel', () => {
  const ops = range(40, (offset) =>
    pushOp(offset, [`k${offset % 2}`, 'all', ...range(40, (key) => `${offset} ${key}`)]),
  );
  const deliverTo = async (guardsOff: readonly Guard[]): Promise<string[]> => {
    const applied: string[] = [];
    const comet = await start({ parallel: true }, (op) => applied.push(textOf(op)));
    await client(comet, ['coalescing', ...guardsOff]).deliver(ops, never);
    return [...new Set(applied)];
  };

  test('applies them in order', async () => {
    expect(await deliverTo([])).toEqual(ops.map(textOf));
  });

  test('swaps them without the guard', async () => {
    const applied = await deliverTo(['order']);
    expect(applied).not.toEqual(ops.map(textOf));
    expect(applied.toSorted()).toEqual(ops.map(textOf).toSorted());
  });
});

describe('a body that is no JSON, to a comet of v1.2 whose clients have WebSockets', () => {
  const json = (op: Op, text: string): Op => ({ ...op, body: Buffer.from(text).toString('base64') });
  const ops = [
    json(roomOp(1, '1'), '{"test":1}'),
    json(roomOp(2, '1'), 'not JSON'),
    json(roomOp(3, '1'), '{"test":3}'),
    json(pushOp(4, ['k1']), ''),
    json(allOp(5), '[1'),
    json(pushOp(6, ['k1']), '"\\ud800"'),
  ];
  const refused: Outcome = {
    status: 'dropped',
    reason: 'refused',
    detail: expect.stringContaining('not JSON'),
  };

  test('is refused, and disconnects nobody; its neighbours arrive', async () => {
    const comet = await start(GOIM_V1_TRAPS);
    const connected = await connect(comet, 'k1');
    expect(await client(comet, [], '').deliver(ops, never)).toEqual([
      DELIVERED,
      refused,
      DELIVERED,
      refused,
      refused,
      DELIVERED,
    ]);
    expect((await received(connected, 3)).toSorted()).toEqual(['"\\ud800"', '{"test":1}', '{"test":3}']);
  });

  test('is sent if the address says that any body will do, and then such a client is disconnected', async () => {
    const comet = await start(GOIM_V1_TRAPS);
    const connected = await connect(comet, 'k1');
    expect(await client(comet).deliver(ops.slice(0, 3), never)).toEqual(Array(3).fill(DELIVERED));
    expect(await connected.closed).toMatchObject({ code: 1008 });
  });

  test('reaches clients that stand it', async () => {
    const comet = await start({});
    const connected = await connect(comet, 'k1');
    await client(comet).deliver(ops.slice(0, 3), never);
    expect(await received(connected, 3)).toEqual(['{"test":1}', 'not JSON', '{"test":3}']);
  });
});
