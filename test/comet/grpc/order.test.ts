import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { sendInOrder } from '../../../lib/comet/calls/order.ts';
import { openGrpcComet } from '../../../lib/comet/grpc/comet.ts';
import { type Call, coalesce } from '../../../lib/domain/coalesce.ts';
import { MAX_COMET_CALLS, ROOM_GAP_MS } from '../../../lib/domain/limits.ts';
import type { Op } from '../../../lib/domain/op.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { readBroadcastRoom, readPushMsg } from '../../../local/comet/grpc/messages.ts';
import { allOp, pushOp, roomOp } from '../contract.ts';
import { type Http2Peer, type PeerCall, reply, replyShort, startHttp2Peer } from './http2-peer.ts';

const never = new AbortController().signal;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (answer: (call: PeerCall) => void): Promise<Http2Peer> => {
  const peer = await startHttp2Peer(answer);
  open.push(peer);
  return peer;
};
const client = (
  url: string,
  guardsOff: readonly ('coalescing' | 'order' | 'pace')[] = [],
  callMs = 10_000,
) => {
  const opened = openGrpcComet(url, { callMs, guardsOff });
  open.unshift(opened);
  return opened;
};

const lanesOf = ({ method, message }: PeerCall): string[] => {
  switch (method) {
    case 'PushMsg':
      return readPushMsg(message).keys.map((key) => `key ${key}`);
    case 'BroadcastRoom':
      return [`room ${readBroadcastRoom(message).room}`];
    default:
      return ['all'];
  }
};

/** Answers in a random order, and notes how many calls of a lane were in flight at once. */
const startCounting = async () => {
  const inFlight = new Map<string, number>();
  const most = new Map<string, number>();
  const gaps: number[] = [];
  const answeredAt = new Map<string, number>();
  const change = (lane: string, by: number): void => {
    const count = (inFlight.get(lane) ?? 0) + by;
    inFlight.set(lane, count);
    most.set(lane, Math.max(most.get(lane) ?? 0, count));
  };
  const held: (() => void)[] = [];
  const peer = await start((call) => {
    const lanes = [...new Set(lanesOf(call)), 'any'];
    const [first = ''] = lanes;
    if (answeredAt.has(first)) gaps.push(performance.now() - (answeredAt.get(first) ?? 0));
    for (const lane of lanes) change(lane, 1);
    held.push(() => {
      for (const lane of lanes) change(lane, -1);
      if (call.method !== 'PushMsg') answeredAt.set(first, performance.now());
      reply(call);
    });
    setImmediate(() => held.splice(Math.floor(Math.random() * held.length), 1)[0]?.());
  });
  return { peer, most, gaps };
};

const OPS: Op[] = Array.from({ length: 120 }, (_, index) => {
  if (index % 20 === 0) return allOp(index);
  if (index % 6 === 0) return roomOp(index, `live://${index % 4}`);
  return pushOp(index, [`k${index % 70}`, `k${(index * 7) % 70}`]);
});

describe('the calls of a delivery', () => {
  test('run in parallel, one at a time for a key, a room and broadcasts', async () => {
    const { peer, most } = await startCounting();
    expect(await client(peer.url, ['coalescing']).deliver(OPS, never)).toEqual(OPS.map(() => DELIVERED));
    const { any, ...lanes } = Object.fromEntries(most);
    expect(new Set(Object.values(lanes))).toEqual(new Set([1]));
    expect(any).toBeGreaterThan(1);
  });

  test('without that rule meet each other in a lane', async () => {
    const { peer, most } = await startCounting();
    await client(peer.url, ['coalescing', 'order', 'pace']).deliver(OPS, never);
    const { any, ...lanes } = Object.fromEntries(most);
    expect(Math.max(...Object.values(lanes))).toBeGreaterThan(1);
  });

  test('are never more at once than a comet gets', async () => {
    const { peer, most } = await startCounting();
    const ops = Array.from({ length: 500 }, (_, index) => pushOp(index, [`k${index}`]));
    const opened = client(peer.url);
    await Promise.all([opened.deliver(ops, never), opened.deliver(ops, never)]);
    expect(most.get('any')).toBeLessThanOrEqual(MAX_COMET_CALLS);
  });

  test('leave a room its time between an answer and the next call', async () => {
    const { peer, gaps } = await startCounting();
    const ops = Array.from({ length: 8 }, (_, index) => roomOp(index, `live://${index % 2}`));
    const opened = client(peer.url, ['coalescing']);
    await opened.deliver(ops, never);
    await opened.deliver(ops.slice(0, 2), never);
    expect(gaps.length).toBe(8);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(ROOM_GAP_MS);
  });

  test('that would pass a failed one are not sent, the others are', async () => {
    const peer = await start((call) =>
      lanesOf(call).includes('key k1') ? replyShort(call, { 'grpc-status': '13' }) : reply(call),
    );
    const ops = [pushOp(1, ['k1']), pushOp(2, ['k1', 'k2']), pushOp(3, ['k2']), pushOp(4, ['k3']), roomOp(5)];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The comet answered INTERNAL' }),
      undelivered('DELIVERY_SKIPPED'),
      undelivered('DELIVERY_SKIPPED'),
      DELIVERED,
      DELIVERED,
    ]);
    expect(peer.calls.length).toBe(3);
  });

  test('to keys of which one is slow and another fails leave the push undelivered: all of its keys come again', async () => {
    const full = { 'grpc-status': '2', 'grpc-message': 'signal channel full, msg dropped' };
    const peer = await start((call) => {
      const { keys } = readPushMsg(call.message);
      if (keys.includes('slow')) return replyShort(call, full);
      return keys.includes('fails') ? replyShort(call, { 'grpc-status': '13' }) : reply(call);
    });
    const opened = client(peer.url);
    for (const keys of [
      ['slow', 'fails', 'well'],
      ['fails', 'slow'],
    ])
      expect(await opened.deliver([pushOp(1, keys)], never)).toEqual([
        undelivered('COMET_STATUS', { detail: 'The comet answered INTERNAL' }),
      ]);
    expect(await opened.deliver([pushOp(2, ['slow', 'well'])], never)).toEqual([
      { status: 'dropped', reason: 'slow', detail: '1 of 2 keys', keys: ['slow'] },
    ]);
  });

  test('stop when the comet does not answer: one deadline for all of them', async () => {
    const peer = await start(() => {});
    const ops = Array.from({ length: 500 }, (_, index) => pushOp(index, [`k${index}`]));
    const outcomes = await client(peer.url, [], 200).deliver(ops, never);
    expect(outcomes).toEqual(ops.map(() => undelivered('COMET_TIMEOUT')));
    expect(peer.calls.length).toBe(MAX_COMET_CALLS);
  });

  test('end with the signal, also those that wait for their turn', async () => {
    const controller = new AbortController();
    const peer = await start(() => controller.abort());
    const ops = Array.from({ length: 300 }, (_, index) => pushOp(index, [`k${index}`]));
    const outcomes = await client(peer.url).deliver([...ops, roomOp(1)], controller.signal);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['undelivered']));
  });

  test('end with their own signal while those of another delivery take every place', async () => {
    const peer = await start(() => {});
    const opened = client(peer.url);
    const [first, second] = [new AbortController(), new AbortController()];
    const others = opened.deliver(
      Array.from({ length: MAX_COMET_CALLS }, (_, index) => pushOp(index, [`k${index}`])),
      first.signal,
    );
    const delivering = opened.deliver([pushOp(1, ['k'])], second.signal);
    second.abort();
    expect(await delivering).toEqual([undelivered('COMET_TIMEOUT')]);
    first.abort();
    await others;
  });

  test('do not begin when the signal has ended before', async () => {
    const peer = await start((call) => reply(call));
    const outcomes = await client(peer.url).deliver([roomOp(1), pushOp(2, ['k1'])], AbortSignal.abort());
    expect(outcomes).toEqual([undelivered('COMET_TIMEOUT'), undelivered('COMET_TIMEOUT')]);
    expect(peer.calls.length).toBe(0);
  });
});

describe('sending in order, whatever fails', () => {
  const anyOps = fc.array(
    fc.record({ keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 2 }) }),
    { maxLength: 300 },
  );

  test('sends each call after what it waits for, and none after a failure that it waits for', async () => {
    await fc.assert(
      fc.asyncProperty(anyOps, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (lists, dice) => {
        const ops = lists.map(({ keys }, index) => pushOp(index, keys));
        const calls = coalesce(ops, { messages: 1, bytes: 0 });
        const resultByCall = new Map<Call, boolean>();
        await sendInOrder(calls, async (call) => {
          for (const place of call.after) expect(resultByCall.get(calls[place] as Call)).toBe(true);
          const roll = Number(dice.next().value);
          for (let turn = 0; turn < roll; turn++) await Promise.resolve();
          resultByCall.set(call, roll > 0);
          return roll > 0;
        });
        for (const call of calls) {
          const mayGo = call.after.every((place) => resultByCall.get(calls[place] as Call) === true);
          expect(resultByCall.has(call)).toBe(mayGo);
        }
      }),
      { numRuns: 50 },
    );
  });
});
