import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHttpComet } from '../../../lib/comet/http/comet.ts';
import { createRest } from '../../../lib/comet/http/rest.ts';
import { MAX_RETRY_AFTER_MS } from '../../../lib/domain/limits.ts';
import { DELIVERED, undelivered } from '../../../lib/domain/outcome.ts';
import { listenOn, shut } from '../../../local/listening.ts';
import { roomOp } from '../contract.ts';

const never = new AbortController().signal;
const START = Date.parse('2026-11-26T12:00:00Z');

/** A comet that says "not now" until `isBusy` is off; the clock stands still unless a test moves it. */
const startBusy = async (status: number, retryAfter?: string) => {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(START);
  const comet = { calls: 0, isBusy: true };
  const server = createServer((_request, response) => {
    comet.calls += 1;
    if (!comet.isBusy) {
      response.setHeader('Content-Type', 'application/json').end('{"done":1}');
      return;
    }
    if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
    response.writeHead(status).end();
  });
  const port = await listenOn(server, '127.0.0.1', 0);
  const client = openHttpComet(`http://127.0.0.1:${port}`, { callMs: 10_000 });
  onTestFinished(async () => {
    clock.mockRestore();
    client.close();
    await shut(server);
  });
  return {
    comet,
    deliver: (signal = never) => client.deliver([roomOp(1)], signal),
    after: (ms: number) => clock.mockReturnValue(START + ms),
  };
};

test.each([
  [429, '30', 30_000],
  [503, 'Thu, 26 Nov 2026 12:00:30 GMT', 30_000],
  [503, '86400', MAX_RETRY_AFTER_MS],
  [429, 'Fri, 27 Nov 2026 12:00:00 GMT', MAX_RETRY_AFTER_MS],
])('a comet that answers %i with Retry-After: %s is left alone for %i ms', async (status, header, restMs) => {
  const { comet, deliver, after } = await startBusy(status, header);
  expect(await deliver()).toEqual([undelivered('COMET_BUSY', { retryAfterMs: restMs })]);
  after(restMs - 6_000);
  expect(await deliver()).toEqual([undelivered('COMET_BUSY', { retryAfterMs: 6_000 })]);
  expect(comet.calls).toBe(1);
  after(restMs);
  comet.isBusy = false;
  expect(await deliver()).toEqual([DELIVERED]);
});

test.each([undefined, 'soon', '-1', '0', 'Thu, 26 Nov 2026 11:59:00 GMT'])(
  'a comet that is busy with Retry-After: %s is asked again after a back-off, and nobody else is told to wait',
  async (header) => {
    const { comet, deliver } = await startBusy(503, header);
    const controller = new AbortController();
    const delivering = deliver(controller.signal);
    await vi.waitUntil(() => comet.calls === 1, { timeout: 4_000 });
    controller.abort();
    expect(await delivering).toEqual([undelivered('COMET_BUSY')]);
  },
);

test('a back-off grows from 0.2 s to 5 s, and begins anew once the comet has taken something', () => {
  let now = 0;
  const rest = createRest(() => now);
  const next = (): number => {
    rest.begin(undefined);
    const leftMs = rest.leftMs();
    now += leftMs;
    return leftMs;
  };
  expect([next(), next(), next(), next(), next(), next(), next()]).toEqual([
    200, 400, 800, 1_600, 3_200, 5_000, 5_000,
  ]);
  rest.end();
  expect(next()).toBe(200);
});
