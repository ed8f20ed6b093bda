import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const VENV = path.resolve('.venv-schemathesis');
const PROGRAM = path.join(VENV, 'bin/schemathesis');

/** Once in a checkout. */
export const installSchemathesis = (): void => {
  if (existsSync(PROGRAM)) return;
  execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
  const requirements = ['--requirement', 'test/comet-api/requirements.txt'];
  execFileSync(path.join(VENV, 'bin/pip'), ['install', '--quiet', ...requirements], { stdio: 'inherit' });
};

/** Requests that the document allows and that it does not, made from it, to the gateway at `url`; the same each time. */
export const runSchemathesis = async (url: string, token: string) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'schemathesis-'));
  const args = [
    'run',
    path.resolve('docs/comet-api.yaml'),
    ...['--url', url, '--header', `Authorization:Bearer ${token}`],
    ...['--phases', 'examples,coverage,fuzzing', '--checks', 'all', '--max-examples', '200', '--seed', '1'],
  ];
  const { promise, resolve } = Promise.withResolvers<{ isClean: boolean; output: string }>();
  // It leaves its data base where it runs.
  execFile(PROGRAM, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
    resolve({ isClean: error === null, output: stdout + stderr }),
  );
  return await promise.finally(() => rmSync(folder, { recursive: true }));
};
