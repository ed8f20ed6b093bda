import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freeBase } from '../end-to-end/local-process.ts';

const VENV = path.resolve('.venv-moto');
const PROGRAM = path.join(VENV, 'bin/moto_server');
const START_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 100;

/** Once in a checkout. */
const install = (): void => {
  if (existsSync(PROGRAM)) return;
  execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
  const requirements = ['--requirement', 'test/moto/requirements.txt'];
  execFileSync(path.join(VENV, 'bin/pip'), ['install', '--quiet', ...requirements], { stdio: 'inherit' });
};

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );

/** moto, which stands in for CloudFormation, S3, IAM, Lambda and DynamoDB; in a process of its own, empty. */
export const startMoto = async () => {
  install();
  const port = await freeBase((base) => [base]);
  const child = spawn(PROGRAM, ['-H', '127.0.0.1', '-p', `${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error(`moto does not start: ${log}`);
    await delay(ASK_AGAIN_MS);
  }
  return {
    endpoint,
    /** Of each function that was invoked since it started, its name. */
    invoked: (): string[] =>
      [...log.matchAll(/POST \S+\/functions\/([\w-]+)\/invocations/g)].map(([, name = '']) => name),
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
