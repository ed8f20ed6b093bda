import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freeBase } from '../end-to-end/local-process.ts';
import type { PackagedFunction } from './package-functions.ts';
import { emulator, runtimeClient } from './tools.ts';

/** One execution environment: AWS's emulator, and in it AWS's runtime client with the function's own code. */
export interface Sandbox {
  /** One at a time. Rejects as the function fails; a time-out is Lambda's own. */
  invoke(event: unknown): Promise<unknown>;
  /** What the function has printed. */
  readonly output: () => string;
  readonly isBusy: () => boolean;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const ASK_AGAIN_MS = 20;
const INVOKE = '/2015-03-31/functions/function/invocations';

const untilListens = async (url: string, child: ChildProcess): Promise<void> => {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  const listens = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  while (!(await listens())) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error('the emulator does not start');
    await delay(ASK_AGAIN_MS);
  }
};

/** The emulator says 200 whatever becomes of it. */
const answerOf = (text: string): unknown => {
  if (/^Task timed out/.test(text)) throw Object.assign(new Error(text), { name: 'Sandbox.Timedout' });
  const answer = text === '' ? undefined : JSON.parse(text);
  if (answer?.errorType === undefined || answer.trace === undefined) return answer;
  throw Object.assign(new Error(answer.errorMessage), { name: answer.errorType });
};

export const startSandbox = async (
  { name, folder, handler, timeoutS, memoryMb, environment }: PackagedFunction,
  overrides: Readonly<Record<string, string>>,
): Promise<Sandbox> => {
  const port = await freeBase((base) => [base, base + 1]);
  const program = [process.execPath, await runtimeClient(), handler];
  const addresses = ['--runtime-interface-emulator-address', `${HOST}:${port}`];
  const child = spawn(
    await emulator(),
    [...addresses, '--runtime-api-address', `${HOST}:${port + 1}`, ...program],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        LAMBDA_TASK_ROOT: folder,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutS),
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        ...environment,
        ...overrides,
      },
    },
  );
  let output = '';
  const print = (chunk: Buffer): void => {
    output += chunk;
  };
  child.stdout.on('data', print);
  child.stderr.on('data', print);
  await untilListens(`http://${HOST}:${port}/`, child);
  let isBusy = false;
  return {
    output: () => output,
    isBusy: () => isBusy,
    invoke: async (event) => {
      isBusy = true;
      try {
        const response = await fetch(`http://${HOST}:${port}${INVOKE}`, {
          method: 'POST',
          body: JSON.stringify(event),
        });
        return answerOf(await response.text());
      } finally {
        isBusy = false;
      }
    },
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
};
