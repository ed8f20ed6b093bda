import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CometClient } from '../../lib/comet/client.ts';
import { withFailover } from '../../lib/comet/failover.ts';
import { openComet } from '../../lib/comet/open.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome, undelivered } from '../../lib/domain/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { roomOp } from './contract.ts';

const never = new AbortController().signal;

let now: number;
let asked: [string, string[]][];
let answers: Record<string, (ops: readonly Op[]) => Outcome[]>;
let client: CometClient;
let closed: string[];

const all =
  (outcome: Outcome) =>
  (ops: readonly Op[]): Outcome[] =>
    ops.map(() => outcome);

const address = (name: string): CometClient => ({
  deliver: async (ops) => {
    asked.push([name, ops.map(({ id }) => id)]);
    return (answers[name] ?? all(DELIVERED))(ops);
  },
  rooms: async () => {
    asked.push([name, []]);
    const [outcome] = (answers[name] ?? all(DELIVERED))([roomOp(0)]);
    if (outcome?.status === 'undelivered') throw new ServiceError(outcome.code, 'no', { retryable: true });
    return new Set([name]);
  },
  close: () => {
    closed.push(name);
  },
});

beforeEach(() => {
  now = 0;
  asked = [];
  closed = [];
  answers = {};
  client = withFailover([address('a'), address('b')], () => now);
});

const ops = [roomOp(1), roomOp(2), roomOp(3)];
const addresses = (): string[] => asked.map(([name]) => name);

describe('a comet with several addresses', () => {
  test('is called at the first one', async () => {
    expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(addresses()).toEqual(['a']);
  });

  test('gets at the second what the first left undelivered, and no more', async () => {
    answers = { a: () => [DELIVERED, undelivered('COMET_TIMEOUT'), undelivered('DELIVERY_SKIPPED')] };
    expect(await client.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    expect(asked).toEqual([
      ['a', ['t/0/1', 't/0/2', 't/0/3']],
      ['b', ['t/0/2', 't/0/3']],
    ]);
  });

  test('is not called first at one that failed until its back-off ends, which doubles', async () => {
    answers = { a: all(undelivered('COMET_UNREACHABLE')) };
    await client.deliver(ops, never);
    now += 999;
    await client.deliver(ops, never);
    now += 1;
    await client.deliver(ops, never);
    now += 1_999;
    await client.deliver(ops, never);
    expect(addresses()).toEqual(['a', 'b', 'b', 'a', 'b', 'b']);
  });

  test.each(['COMET_BUSY', 'COMET_PARTIAL'] as const)(
    'that said %s itself is not asked at the next one',
    async (code) => {
      answers = { a: () => [DELIVERED, undelivered(code), undelivered(code)] };
      expect(await client.deliver(ops, never)).toEqual([DELIVERED, undelivered(code), undelivered(code)]);
      await client.deliver(ops, never);
      expect(addresses()).toEqual(['a', 'a']);
    },
  );

  test('answers for its rooms where it can be reached', async () => {
    answers = { a: all(undelivered('COMET_TIMEOUT')) };
    expect(await client.rooms(never)).toEqual(new Set(['b']));
    expect(await client.rooms(never)).toEqual(new Set(['b']));
    expect(addresses()).toEqual(['a', 'b', 'b']);
  });

  test('fails with the last failure if it can be reached nowhere', async () => {
    answers = { a: all(undelivered('COMET_TIMEOUT')), b: all(undelivered('COMET_UNREACHABLE')) };
    await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_UNREACHABLE' });
    expect(await client.deliver(ops, never)).toEqual(ops.map(() => undelivered('COMET_UNREACHABLE')));
  });

  test('is closed at all of them', () => {
    client.close();
    expect(closed).toEqual(['a', 'b']);
  });

  test('is asked at the address that is well whether its rooms have changed, if its wire can say so', async () => {
    expect(await client.roomsChange?.(never)).toBe('unsupported');
    const saying = (name: string): CometClient => ({
      ...address(name),
      roomsChange: async () => {
        asked.push([name, ['change']]);
        return 'changed';
      },
    });
    client = withFailover([saying('a'), saying('b')], () => now);
    answers = { a: all(undelivered('COMET_UNREACHABLE')) };
    await client.rooms(never);
    expect(await client.roomsChange?.(never)).toBe('changed');
    expect(asked.at(-1)).toEqual(['b', ['change']]);
  });

  test('is not asked again for its rooms once the time is up', async () => {
    answers = { a: all(undelivered('COMET_TIMEOUT')) };
    await expect(client.rooms(AbortSignal.abort())).rejects.toMatchObject({ code: 'COMET_TIMEOUT' });
    expect(addresses()).toEqual(['a']);
  });

  test('is not called again once the time is up', async () => {
    answers = { a: all(undelivered('COMET_TIMEOUT')) };
    await client.deliver(ops, AbortSignal.abort());
    expect(addresses()).toEqual(['a']);
  });
});

describe('opening a comet', () => {
  let comet: Awaited<ReturnType<typeof startReferenceComet>>;
  beforeEach(async () => {
    comet = await startReferenceComet({ id: 'c', host: '127.0.0.1', clientPort: 0, apiPort: 0 });
  });
  afterEach(() => comet.close());

  test('fails over from an address where nobody listens, within the call', async () => {
    const opened = openComet({ id: 'c', addresses: ['http://127.0.0.1:9', comet.apiUrl] });
    expect(await opened.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    opened.close();
  });

  test('fails over from an address that hangs, within the call', async () => {
    const hanging = await startReferenceComet({ id: 'h', host: '127.0.0.1', clientPort: 0, apiPort: 0 });
    await hanging.hang();
    const opened = openComet({ id: 'c', addresses: [hanging.apiUrl, comet.apiUrl] });
    expect(await opened.deliver(ops, AbortSignal.timeout(10_000))).toEqual(ops.map(() => DELIVERED));
    opened.close();
    await hanging.close();
  });

  test('passes over an address that cannot be used', async () => {
    const opened = openComet({ id: 'c', addresses: ['gopher://a', comet.apiUrl] });
    expect(await opened.deliver(ops, never)).toEqual(ops.map(() => DELIVERED));
    opened.close();
  });

  test.each([[['ftp://a']], [['comet-1']], [['']], [[]]])(
    'refuses a comet with the addresses %j',
    (addresses) => {
      expect(() => openComet({ id: 'c', addresses })).toThrow(
        expect.objectContaining({
          code: 'COMET_ADDRESS_INVALID',
          details: { comet: 'c', addresses: addresses.length },
        }),
      );
    },
  );
});
