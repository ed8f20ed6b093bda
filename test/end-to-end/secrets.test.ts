import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { produceTo } from '../../local/commands/produce.ts';
import { encodeV2 } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import { createAuthority, createCertificate } from '../comet/tls/certificates.ts';
import { startTlsProxy, type TlsServer } from '../comet/tls/servers.ts';
import { freePortBase, type LocalProcess, startSet } from './local-process.ts';

/** A token that is changed in its file while messages flow, for a gateway of a private authority that wants a client certificate. */

const READY_MS = 90_000;
const TEST_MS = 180_000;
const PATIENT = { timeout: 60_000, interval: 50 };
const EVERY_MS = 50;
/** A secret that was changed works after that at the latest (docs/deploy.md). */
const LATE_MS = 10_000;

let folder: string;
let comet: ReferenceComet;
let gateway: TlsServer;
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
/** Goes on until it is stopped, or the test has ended; resolves when the last one is produced. */
const flow = () => {
  let sending = Promise.resolve();
  const timer = setInterval(() => {
    sending = sending.then(send);
    sending.catch(() => clearInterval(timer));
  }, EVERY_MS);
  onTestFinished(() => clearInterval(timer));
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
  const ca = await createAuthority('ours');
  const [own, shown] = await Promise.all([createCertificate({ ca }), createCertificate({ ca })]);
  gateway = await startTlsProxy(comet.apiUrl, { ...own, ca: ca.cert, requestCert: true });
  const tls = { ca: ca.cert, certificate: shown.cert, privateKey: shown.key };
  writeFileSync(path.join(folder, 'tls.json'), JSON.stringify(tls));
  const base = await freePortBase();
  topicUrl = `http://127.0.0.1:${base}`;
  const variables = {
    COMETS: JSON.stringify({ gateway: [gateway.url] }),
    COMET_TOKEN_SECRET: path.join(folder, 'token'),
    COMET_TLS_SECRET: path.join(folder, 'tls.json'),
  };
  local = startSet(variables, '--port-base', `${base}`);
  await local.waitFor(/^ready/m, READY_MS);
}, READY_MS + 30_000);
afterEach(async () => {
  local?.kill('SIGKILL');
  await local?.ended;
  await client.close();
  await gateway.close();
  await comet.close();
  rmSync(folder, { recursive: true });
});

test(
  'nothing is lost or out of order when a token changes, whether the old one is good for a while or not',
  async () => {
    onTestFailed(() => console.log(local.output()));
    const stop = flow();
    await arrivals(20);
    store('two');
    await arrivals(sentAt.length + 20);
    wanted = 'two';
    await arrivals(sentAt.length + 20);
    wanted = 'three';
    await vi.waitFor(() => expect(sentAt.length - receivedAt().size).toBeGreaterThan(20), PATIENT);
    store('three');
    const storedAt = Date.now();
    await arrivals(sentAt.length + 20);
    await stop();
    await arrivals(sentAt.length);
    expect([...receivedAt().keys()]).toEqual([...sentAt.keys()]);
    expect(local.output()).not.toMatch(/\b(one|two|three)\b/);
    // What the comet refused waits for the token that it wants.
    const lateMs = [...receivedAt()].map(([nth, at]) => {
      const sent = sentAt[nth] ?? 0;
      return sent < storedAt && at > storedAt ? at - storedAt : at - sent;
    });
    expect(Math.max(...lateMs)).toBeLessThan(LATE_MS);
    console.log(
      `a token changed twice under ${sentAt.length} messages: the latest by ${Math.max(...lateMs)} ms`,
    );
  },
  TEST_MS,
);
