import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkExample } from './example-gateway.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gateway-go-'));
  execFileSync('go', ['build', '-o', path.join(folder, 'gateway'), '.'], {
    cwd: 'examples/gateway-go',
    stdio: 'inherit',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the example in Go does what the comet API says', async () => {
  expect(await checkExample(path.join(folder, 'gateway'))).toEqual({
    failed: [],
    skipped: ['operation', 'refused', 'retry-after'],
  });
});
