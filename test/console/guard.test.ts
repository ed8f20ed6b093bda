import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleRig, startConsoleRig } from './rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await startConsoleRig();
});
afterAll(() => rig.close());

/** Unlike fetch, this lets a caller say what Host it likes. */
const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string; csp: string }>();
  const { hostname, port } = new URL(rig.origin);
  request({ hostname, port, path, method, headers }, async (response) => {
    const csp = `${response.headers['content-security-policy']}`;
    resolve({ status: response.statusCode ?? 0, body: await text(response), csp });
  })
    .on('error', reject)
    .end();
  return promise;
};
const withToken = (more: Record<string, string> = {}) => ({ authorization: `Bearer ${rig.token}`, ...more });

describe('the console', () => {
  it('answers its own page', async () => {
    expect((await ask('/api/fleet', withToken({ origin: rig.origin }))).status).toBe(200);
  });

  it('answers nothing to a name that was made to point to this machine', async () => {
    const elsewhere = { host: 'evil.example:3103' };
    expect((await ask('/', elsewhere)).status).toBe(403);
    expect((await ask('/api/fleet', withToken(elsewhere))).status).toBe(403);
  });

  it('answers nothing to a page of another origin', async () => {
    for (const origin of ['http://evil.example', 'null', rig.origin.replace(/\d+$/, '1')])
      expect((await ask('/api/fleet', withToken({ origin }))).status).toBe(403);
  });

  it.each([{}, { authorization: 'Bearer ' }, { authorization: 'Bearer wrong' }])(
    'tells nothing without its token: %j',
    async (headers) => {
      const { status, body } = await ask('/api/about', headers);
      expect(status).toBe(401);
      expect(body).not.toContain('dev');
    },
  );

  it('changes nothing unless that is allowed', async () => {
    const { status, body } = await ask('/api/fleet', withToken(), 'POST');
    expect(status).toBe(403);
    expect(body).toContain('--allow-changes');
  });

  it('of a stage has no token in its page', async () => {
    const { body } = await ask('/');
    expect(body).toContain('/page.js');
    expect(body).not.toContain(rig.token);
  });

  it('lets a page run its own script alone, and make no HTML of text', async () => {
    const { csp } = await ask('/');
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("script-src 'self';");
    expect(csp).toContain("require-trusted-types-for 'script'");
    expect(csp).not.toContain('unsafe');
  });

  it('listens on 127.0.0.1 alone', () => {
    expect(new URL(rig.origin).hostname).toBe('127.0.0.1');
  });
});
