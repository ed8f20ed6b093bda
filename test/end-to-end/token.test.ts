import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { produceTo } from '../../local/commands/produce.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { freePortBase, type LocalProcess, startSet } from './local-process.ts';

/** A token that is changed in its file while messages flow, for a gateway over HTTP. */

const READY_MS = 90_000;
const TEST_MS = 180_000;
const PATIENT = { timeout: 60_000, interval: 50 };
const EVERY_MS = 50;

let folder: string;
let comet: ReferenceComet;
let client: GoimClient;
let local: LocalProcess;
let topicUrl: string;
/** What the comet takes. */
let wanted: string;
let sentAt: number[];

const store = (token: string): void => writeFileSync(path.join(folder, 'token'), token);
/** When each came first, by its number. */
const receivedAt = (): Map<number, number> => {
  const firsts = new Map<number, number>();
  for (const { body, receivedAt: at } of client.messages)
    if (!firsts.has(Number(body))) firsts.set(Number(body), at);
  return firsts;
};

const send = async (): Promise<void> => {
  const body = Buffer.from(String(sentAt.push(Date.now()) - 1));
  const target = { type: 'push', comet: 'gateway', keys: ['k'] } as const;
  const record = { ...encodeV2({ target, operation: 1000, body }), partition: 0 };
  await produceTo(topicUrl, 'goim-push-topic', [record]);
};
/** Goes on until it is stopped; resolves when the last one is produced. */
const flow = () => {
  let sending = Promise.resolve();
  const timer = setInterval(() => {
    sending = sending.then(send);
  }, EVERY_MS);
  return async (): Promise<void> => {
    clearInterval(timer);
    await sending;
  };
};
const arrivals = (count: number) =>
  vi.waitFor(() => expect(receivedAt().size).toBeGreaterThanOrEqual(count), PATIENT);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'goim-job-'));
  [wanted, sentAt] = ['one', []];
  store('one');
  const at = { host: '127.0.0.1', clientPort: 0, apiPort: 0 };
  comet = await startReferenceComet({ id: 'gateway', ...at, token: () => wanted });
  client = await connectGoimClient({ url: comet.clientUrl, key: 'k', roomId: 'live://1', accepts: [1000] });
  const base = await freePortBase();
  topicUrl = `http://127.0.0.1:${base}`;
  const variables = {
    COMETS: JSON.stringify({ gateway: [comet.apiUrl] }),
    COMET_TOKEN_SECRET: path.join(folder, 'token'),
  };
  local = startSet(variables, '--port-base', `${base}`);
  await local.waitFor(/^ready/m, READY_MS);
}, READY_MS + 30_000);
afterEach(async () => {
  local?.kill('SIGKILL');
  await local?.ended;
  await client.close();
  await comet.close();
  rmSync(folder, { recursive: true });
});

test(
  'nothing is lost or out of order when a token changes, whether the old one is good for a while or not',
  async () => {
    const stop = flow();
    await arrivals(20);
    store('two');
    await arrivals(sentAt.length + 20);
    wanted = 'two';
    await arrivals(sentAt.length + 20);
    wanted = 'three';
    await local.waitFor(/a comet is behind/, PATIENT.timeout);
    store('three');
    await local.waitFor(/a comet has caught up/, PATIENT.timeout);
    await stop();
    await arrivals(sentAt.length);
    expect([...receivedAt().keys()]).toEqual([...sentAt.keys()]);
    expect(local.output()).not.toMatch(/\b(one|two|three)\b/);
    const lateMs = [...receivedAt()].map(([nth, at]) => at - (sentAt[nth] ?? 0));
    console.log(
      `a token changed twice under ${sentAt.length} messages: the latest by ${Math.max(...lateMs)} ms`,
    );
  },
  TEST_MS,
);
