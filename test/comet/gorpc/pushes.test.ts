import { afterEach, describe, expect, test } from 'vitest';
import { openGorpcComet } from '../../../lib/comet/gorpc/comet.ts';
import { PUSH_ARG, PUSHES_ARG } from '../../../lib/comet/gorpc/message.ts';
import { MAX_BUNDLE_KEYS, MAX_COMET_CALLS } from '../../../lib/domain/limits.ts';
import { DELIVERED, type Outcome, undelivered } from '../../../lib/domain/outcome.ts';
import { pushOp, roomOp } from '../contract.ts';
import { type PeerCall, type RpcPeer, startRpcPeer, targetsOf } from './rpc-peer.ts';

const never = new AbortController().signal;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (answer: (call: PeerCall) => void): Promise<RpcPeer> => {
  const peer = await startRpcPeer(answer);
  open.push(peer);
  return peer;
};
const client = (url: string, callMs = 10_000) => {
  const opened = openGorpcComet(url, { callMs });
  open.unshift(opened);
  return opened;
};
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const pushes = range(200, (index) => pushOp(index, [`k${index}`]));
const textOf = (body: Uint8Array): string => Buffer.from(body).toString();

describe('pushes of different bodies', () => {
  test('go out together, each to its key, in their order', async () => {
    const peer = await start((call) => call.reply());
    expect(await client(peer.url).deliver(pushes, never)).toEqual(pushes.map(() => DELIVERED));
    expect(peer.calls.map(({ method }) => method)).toEqual(Array(4).fill('MPushMsgs'));
    const sent = peer.calls.flatMap((call) => call.read(PUSHES_ARG).PMArgs);
    expect(sent.map((arg) => [arg.Key, arg.P.Operation, textOf(arg.P.Body)])).toEqual(
      pushes.map((_, index) => [`k${index}`, 1000, `push ${index}`]),
    );
  });

  test('for one key are one packet of operation 11, which takes one place in its queue', async () => {
    const peer = await start((call) => call.reply());
    const ops = [pushOp(1, ['a']), pushOp(2, ['b']), pushOp(3, ['a'])];
    await client(peer.url).deliver(ops, never);
    const [first, second, ...more] = peer.calls[0]?.read(PUSHES_ARG).PMArgs ?? [];
    expect([first?.Key, first?.P.Operation, second?.Key, second?.P.Operation, more]).toEqual([
      'a',
      11,
      'b',
      1000,
      [],
    ]);
  });

  test('to several keys have a copy for each', async () => {
    const peer = await start((call) => call.reply());
    await client(peer.url).deliver([pushOp(1, ['a', 'b']), pushOp(2, ['c'])], never);
    expect(peer.calls.map(targetsOf)).toEqual([['key a', 'key b', 'key c']]);
  });

  test('that are alone, or to more keys than one call takes, are an MPushMsg with one body', async () => {
    const peer = await start((call) => call.reply());
    const many = range(MAX_BUNDLE_KEYS + 1, (index) => `k${index}`);
    await client(peer.url).deliver([pushOp(1, many)], never);
    expect([peer.calls.map(({ method }) => method), peer.calls[0]?.read(PUSH_ARG).Keys]).toEqual([
      ['MPushMsg'],
      many,
    ]);
  });

  test('never pass each other for a key, though the comet answers calls in any order', async () => {
    const keysInFlight = new Set<string>();
    const met: string[] = [];
    const held: (() => void)[] = [];
    const peer = await start((call) => {
      const keys = new Set(targetsOf(call));
      for (const key of keys) {
        if (keysInFlight.has(key)) met.push(key);
        keysInFlight.add(key);
      }
      held.push(() => {
        for (const key of keys) keysInFlight.delete(key);
        call.reply();
      });
      setImmediate(() => held.splice(Math.floor(Math.random() * held.length), 1)[0]?.());
    });
    const ops = range(600, (index) => pushOp(index, [`k${index % 70}`, `k${(index * 7) % 71}`]));
    expect(await client(peer.url).deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(met).toEqual([]);
  });

  test('are never in more calls at once than a comet gets', async () => {
    let [inFlight, most] = [0, 0];
    const peer = await start((call) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        call.reply();
      });
    });
    const opened = client(peer.url);
    const ops = range(MAX_COMET_CALLS * 3, (index) =>
      pushOp(
        index,
        range(MAX_BUNDLE_KEYS, (key) => `${index} ${key}`),
      ),
    );
    await Promise.all([opened.deliver(ops, never), opened.deliver(ops, never)]);
    expect(most).toBe(MAX_COMET_CALLS);
  });

  test('that fail leave what follows for one of their keys unsent, and nothing else', async () => {
    const many = (first: string) =>
      range(MAX_BUNDLE_KEYS, (index) => (index === 0 ? first : `${first} ${index}`));
    const peer = await start((call) => call.reply(targetsOf(call).includes('key bad 1') ? 'no' : ''));
    const ops = [pushOp(1, many('bad')), pushOp(2, ['bad 2']), pushOp(3, many('good')), roomOp(4, '1')];
    expect(await client(peer.url).deliver(ops, never)).toEqual([
      undelivered('COMET_STATUS', { detail: 'The comet answered an error' }),
      undelivered('DELIVERY_SKIPPED'),
      DELIVERED,
      DELIVERED,
    ]);
  });

  test('stop when the comet does not answer: one deadline for all of them', async () => {
    const peer = await start(() => {});
    const outcomes = await client(peer.url, 200).deliver(pushes, never);
    expect(outcomes).toEqual(pushes.map(() => undelivered('COMET_TIMEOUT')));
    expect(peer.calls.length).toBe(4);
  });
});

describe('a comet that has no MPushMsgs', () => {
  const withoutBundles = (call: PeerCall): void =>
    call.reply(call.method === 'MPushMsgs' ? "rpc: can't find method PushRPC.MPushMsgs" : '');

  test('gets each push by itself, and is not asked again', async () => {
    const peer = await start(withoutBundles);
    const opened = client(peer.url);
    expect(await opened.deliver(pushes, never)).toEqual(pushes.map(() => DELIVERED));
    const asked = peer.calls.filter(({ method }) => method === 'MPushMsgs').length;
    expect(await opened.deliver(pushes, never)).toEqual(pushes.map(() => DELIVERED));
    expect(peer.calls.filter(({ method }) => method === 'MPushMsgs').length).toBe(asked);
    expect(peer.calls.filter(({ method }) => method === 'MPushMsg').length).toBe(400);
  });

  test('keeps the order of a key meanwhile', async () => {
    const applied: string[] = [];
    const peer = await start((call) => {
      if (call.method === 'MPushMsg') applied.push(textOf(call.read(PUSH_ARG).P.Body));
      withoutBundles(call);
    });
    const ops = range(20, (index) => ({ ...pushOp(index, ['a']), operation: index }));
    await client(peer.url).deliver(ops, never);
    expect(applied).toEqual(ops.map((_, index) => `push ${index}`));
  });
});

describe('pushes of which the comet refuses one', () => {
  const refusing = (call: PeerCall): void =>
    call.reply(targetsOf(call).includes('key k7') ? `rpc ${call.method.toLowerCase()} arg error` : '');

  test('are sent one by one, and it alone is refused', async () => {
    const peer = await start(refusing);
    const outcomes = await client(peer.url).deliver(pushes, never);
    const refused: Outcome = { status: 'dropped', reason: 'refused', detail: expect.any(String) };
    expect(outcomes).toEqual(pushes.map((_, index) => (index === 7 ? refused : DELIVERED)));
  });
});
