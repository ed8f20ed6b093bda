import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CometClient } from '../../../lib/comet/client.ts';
import { openHttpComet } from '../../../lib/comet/http/comet.ts';
import { parseToken } from '../../../lib/comet/http/token.ts';
import { SECRET_AGAIN_MS } from '../../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { createSecret } from '../../../lib/secret.ts';
import { type ReferenceComet, startReferenceComet } from '../../../local/comet/reference-comet.ts';
import { roomOp } from '../contract.ts';

const never = new AbortController().signal;

describe('a token that changes', () => {
  let comet: ReferenceComet;
  let client: CometClient;
  let now: number;
  let reads: number;
  /** What the comet asks for, and what stands in the secret. */
  let wanted: string;
  let stored: string;
  let applied: string[];

  beforeEach(async () => {
    [now, reads, wanted, stored, applied] = [1_000_000, 0, 'one', 'one', []];
    const token = createSecret({
      read: async () => {
        reads += 1;
        return stored;
      },
      parse: parseToken,
      now: () => now,
      onFailure: () => {},
    });
    const at = { host: '127.0.0.1', clientPort: 0, apiPort: 0 };
    comet = await startReferenceComet({
      id: 'c',
      ...at,
      token: () => wanted,
      onOp: ({ id }) => applied.push(id),
    });
    client = openHttpComet(comet.apiUrl, { callMs: 10_000, token });
    await client.rooms(never);
    now += SECRET_AGAIN_MS;
  });
  afterEach(async () => {
    client.close();
    await comet.close();
  });

  test('is read again when it is refused, and the call is made once more', async () => {
    [wanted, stored] = ['two', 'two'];
    expect(await client.deliver([roomOp(1), roomOp(2)], never)).toEqual([DELIVERED, DELIVERED]);
    expect([applied, reads]).toEqual([[roomOp(1).id, roomOp(2).id], 2]);
    expect((await client.rooms(never)).size).toBe(0);
    expect(reads).toBe(2);
  });

  test('is not asked for as long as the old one is good', async () => {
    stored = 'two';
    expect(await client.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    expect(reads).toBe(1);
  });

  test('leaves the ops undelivered until it stands in the secret, and is read at most each 5 s', async () => {
    wanted = 'two';
    const refused = undelivered('COMET_UNAUTHORIZED', {
      detail: 'The comet answered 401: it wants another token',
    });
    expect(await client.deliver([roomOp(1)], never)).toEqual([refused]);
    await expect(client.rooms(never)).rejects.toMatchObject({ code: 'COMET_UNAUTHORIZED' });
    stored = 'two';
    expect([await client.deliver([roomOp(1)], never), reads]).toEqual([[refused], 2]);
    now += SECRET_AGAIN_MS;
    expect([await client.deliver([roomOp(1)], never), reads]).toEqual([[DELIVERED], 3]);
  });
});

test.each([
  ['a JSON object', '{"token":"t0p"}'],
  ['nothing', ''],
  ['two lines', 't0p\nt0p'],
])('a secret that holds %s is no token, and is not repeated', (_what, text) => {
  expect(() => parseToken(text)).toThrow(
    expect.objectContaining({ code: 'SECRET_FAILED', message: expect.not.stringContaining('t0p') }),
  );
});

test('a token that was never read leaves ops undelivered, with why', async () => {
  const token = createSecret({
    read: async () => '{}',
    parse: parseToken,
    now: Date.now,
    onFailure: () => {},
  });
  const client = openHttpComet('http://127.0.0.1:9', { callMs: 10_000, token });
  expect(await client.deliver([roomOp(1)], never)).toEqual([
    undelivered('SECRET_FAILED', {
      detail: 'A secret is not a token: it must be the token alone, without JSON around it',
    }),
  ]);
  await expect(client.rooms(never)).rejects.toMatchObject({ code: 'SECRET_FAILED' });
  client.close();
});
