import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../../local/comet/faults.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { installSchemathesis, runSchemathesis } from './schemathesis.ts';

const TOKEN = 'secret';
let comet: ReferenceComet;
beforeAll(installSchemathesis);
beforeEach(async () => {
  comet = await startReferenceComet({
    id: 'c',
    host: '127.0.0.1',
    clientPort: 0,
    apiPort: 0,
    token: () => TOKEN,
  });
});
afterEach(() => comet.close());

test('schemathesis finds nothing in the reference comet', async () => {
  const { isClean, output } = await runSchemathesis(comet.apiUrl, TOKEN);
  expect(isClean, output).toBe(true);
});

const path = '/v1/ops';
test.each<[string, Fault, string]>([
  ['fails', { kind: 'status', status: 500, path }, 'Server error'],
  ['answers in another form', { kind: 'json', body: { done: '1' }, path }, 'Response violates schema'],
  ['says HTML', { kind: 'html', path }, 'Undocumented Content-Type'],
  ['takes whatever comes', { kind: 'json', body: { done: 1 }, path }, 'Schema-violating request accepted'],
  ['answers no rooms', { kind: 'json', body: {}, path: '/v1/rooms' }, 'Response violates schema'],
])('schemathesis finds a comet that %s', async (_name, fault, finding) => {
  comet.setFault(fault);
  const { isClean, output } = await runSchemathesis(comet.apiUrl, TOKEN);
  expect(isClean).toBe(false);
  expect(output).toContain(finding);
});
