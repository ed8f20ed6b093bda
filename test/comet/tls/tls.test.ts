import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createOpenComet } from '../../../functions/open-comet.ts';
import type { CometClient } from '../../../lib/comet/client.ts';
import { parseTls } from '../../../lib/comet/tls.ts';
import { SECRET_AGAIN_MS } from '../../../lib/domain/limits.ts';
import { DELIVERED } from '../../../lib/domain/outcome.ts';
import { createLog } from '../../../lib/log.ts';
import { roomOp } from '../contract.ts';
import { type Certificate, createAuthority, createCertificate } from './certificates.ts';
import { SERVERS, startPlain } from './servers.ts';

/** Real TLS, with certificates that are made here. */

const never = new AbortController().signal;

let ours: Certificate;
let theirs: Certificate;
let good: Certificate;
let client: Certificate;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([createAuthority('ours'), createAuthority('theirs')]);
  [good, client] = await Promise.all([createCertificate({ ca: ours }), createCertificate({ ca: ours })]);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

const folder = mkdtempSync(path.join(tmpdir(), 'goim-job-'));
const file = path.join(folder, 'tls.json');
const store = (parts: object): void => writeFileSync(file, JSON.stringify(parts));
const shown = ({ cert, key }: Certificate) => ({ certificate: cert, privateKey: key });

/** As a function opens it, with the secret in a file. */
const open = (url: string): CometClient => {
  const config = { COMET_TOKEN: undefined, COMET_TOKEN_SECRET: undefined, COMET_TLS_SECRET: file };
  const opened = createOpenComet(config, createLog('test'))({ id: 'c', addresses: [url] });
  onTestFinished(() => opened.close());
  return opened;
};

describe('a secret for TLS', () => {
  test.each([
    ['a PEM file', () => ours.cert],
    ['nothing', () => '{}'],
    ['something else', () => JSON.stringify({ ca: ours.cert, caFile: 'ca.pem' })],
    ['a certificate without its key', () => JSON.stringify({ certificate: client.cert })],
    ['no PEM', () => JSON.stringify({ ca: 'ca.pem' })],
  ])('that holds %s is refused with what it must be', (_what, text) => {
    expect(() => parseTls(text())).toThrow(
      expect.objectContaining({
        code: 'SECRET_FAILED',
        message: expect.stringMatching(/is not JSON with ca/),
      }),
    );
  });

  test('whose key is of another certificate is refused, and nothing of it is repeated', () => {
    const text = JSON.stringify({ certificate: client.cert, privateKey: good.key });
    expect(() => parseTls(text)).toThrow(
      expect.objectContaining({
        code: 'SECRET_FAILED',
        message: expect.stringMatching(/cannot be used: ERR_OSSL_X509_KEY_VALUES_MISMATCH$/),
      }),
    );
  });
});

describe.each(SERVERS)('over %s://', (scheme, start) => {
  const started = async (...args: Parameters<typeof start>) => {
    const server = await start(...args);
    onTestFinished(() => server.close());
    return server;
  };
  const refused = async (opened: CometClient): Promise<string> => {
    const [outcome] = await opened.deliver([roomOp(1)], never);
    const failure = await opened.rooms(never).catch((error: unknown) => error);
    expect([outcome, failure]).toMatchObject([{ code: 'COMET_TLS' }, { code: 'COMET_TLS' }]);
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/BEGIN|body of/);
    return outcome?.status === 'undelivered' ? `${outcome.detail}` : '';
  };

  test('a comet of a private authority is called once that is trusted', async () => {
    const { url } = await started(good);
    store({ ca: ours.cert });
    const opened = open(url);
    expect(await opened.deliver([roomOp(1)], never)).toEqual([DELIVERED]);
    expect((await opened.rooms(never)).size).toBe(0);
  });

  test.each([
    ['an authority that is not trusted', () => createCertificate({ ca: theirs }), /authority .* not trusted/],
    ['another name', () => createCertificate({ ca: ours, host: 'a.example' }), /is for another name/],
    ['a time that is over', () => createCertificate({ ca: ours, isExpired: true }), /has expired/],
  ])('one with a certificate of %s is not, and that is said', async (_of, create, problem) => {
    const { url } = await started(await create());
    store({ ca: ours.cert });
    expect(await refused(open(url))).toMatch(problem);
  });

  test('without the authority only those of the system are trusted', async () => {
    const { url } = await started(good);
    store(shown(client));
    expect(await refused(open(url))).toMatch(/authority .* not trusted/);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a comet that wants a client certificate, by %s',
    (version) => {
      const mutual = () => ({ ...good, ca: ours.cert, requestCert: true, maxVersion: version });

      test('is called with it', async () => {
        const { url } = await started(mutual());
        store({ ca: ours.cert, ...shown(client) });
        expect(await open(url).deliver([roomOp(1)], never)).toEqual([DELIVERED]);
      });

      test('and does not get one says so', async () => {
        const { url } = await started(mutual());
        store({ ca: ours.cert });
        expect(await refused(open(url))).toMatch(/client certificate/);
      });
    },
  );

  test('a comet that does not speak TLS there is told apart', async () => {
    const plain = await startPlain(scheme);
    onTestFinished(() => plain.close());
    store({ ca: ours.cert });
    expect(await refused(open(plain.url))).toMatch(/speaks no TLS/);
  });

  test('a certificate that is changed in the secret is used after the old one was refused, and nothing waits', async () => {
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    const server = await started({ ...good, ca: ours.cert, requestCert: true });
    store({ ca: ours.cert });
    const opened = open(server.url);
    expect(await refused(opened)).toMatch(/client certificate/);
    store({ ca: ours.cert, ...shown(client) });
    clock.mockReturnValue(now + SECRET_AGAIN_MS);
    expect(await opened.deliver([roomOp(1), roomOp(2)], never)).toEqual([DELIVERED, DELIVERED]);
  });
});
