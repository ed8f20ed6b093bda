import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHECKS } from '../../gateway-check/checks/all.ts';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';

let comet: ReferenceComet;
let folder: string;
beforeEach(async () => {
  comet = await startReferenceComet({ id: 'c', host: '127.0.0.1', clientPort: 0, apiPort: 0 });
  folder = mkdtempSync(path.join(tmpdir(), 'gateway-check-'));
});
afterEach(async () => {
  await comet.close();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  execFile(process.execPath, ['gateway-check/command.ts', ...args], (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  );
  return promise;
};

test('says what is well, what is not, and what was not looked at, to people and to CI', async () => {
  comet.setFault({ kind: 'json', body: { done: 7, note: '<&' }, path: '/v1/ops', times: 1 });
  const file = path.join(folder, 'junit.xml');
  const { code, stdout, stderr } = await run(comet.apiUrl, '--junit', file);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toContain(
    [
      'FAIL  an op of each type is dealt with, though its connections are not there',
      '        sent    POST /v1/ops: 3 ops (push, room, all)',
      '        came    200 {"done":7,"note":"<&"}',
      '        wanted  200 and {"done":3}',
      'ok    an answer to ops is application/json',
    ].join('\n'),
  );
  expect(stdout).toContain('skip  a push reaches nobody else (needs --clients)\n');
  expect(stdout).toMatch(/\n\d+ ok, 1 failed, \d+ skipped\n$/);
  expect(stdout.match(/^(ok|FAIL|skip) /gm)).toHaveLength(CHECKS.length);
  const junit = readFileSync(file, 'utf8');
  expect(junit).toContain(`<testsuite name="gateway-check" tests="${CHECKS.length}" failures="1"`);
  expect(junit).toContain('came: 200 {&quot;done&quot;:7,&quot;note&quot;:&quot;&lt;&amp;&quot;}');
});

test('ends with 1 where nobody listens, and says so for each check', async () => {
  const { apiUrl } = comet;
  await comet.stop();
  const { code, stdout } = await run(apiUrl);
  expect(code).toBe(1);
  expect(stdout).toContain('        came    no answer: ECONNREFUSED\n');
});

test('ends with 2 and one line where the arguments are wrong', async () => {
  const { code, stdout, stderr } = await run('http://a', 'http://b');
  expect([code, stdout, stderr]).toEqual([2, '', 'Error: name one gateway (--help says more)\n']);
});
