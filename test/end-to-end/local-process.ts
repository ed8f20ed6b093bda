import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { allPorts, ensureFree, portsFrom } from '../../local/ports.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** A `serverless` command as a child process. */
export interface LocalProcess {
  readonly pid: number;
  readonly output: () => string;
  /** What of that went to stderr. */
  readonly errors: () => string;
  /** Rejects with the output if the process ends first or the time is over. */
  waitFor(line: RegExp, timeoutMs: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const watchOutput = (child: ChildProcess) => {
  let output = '';
  let errors = '';
  const listeners = new Set<() => void>();
  const grow = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', grow);
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    grow(chunk);
  });
  return { text: () => output, errors: () => errors, listeners };
};

/** Only what a shell would have; what the tests run in has settings of its own. */
const environment = (more: NodeJS.ProcessEnv) => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  FORCE_COLOR: '0',
  ...more,
});

export const startServerless = (...args: string[]): LocalProcess =>
  startNode({}, 'node_modules/serverless/bin/serverless.js', ...args);

/** `npm start`. */
export const startSet = (variables: NodeJS.ProcessEnv, ...args: string[]): LocalProcess =>
  startNode(variables, 'local/start.ts', ...args);

/** A script of this repository, with variables as its user would set them. */
export const startNode = (variables: NodeJS.ProcessEnv, script: string, ...args: string[]): LocalProcess => {
  const env = environment(variables);
  const child = spawn(process.execPath, [path.join(ROOT, script), ...args], { cwd: ROOT, env });
  const { text, errors, listeners } = watchOutput(child);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const waitFor = async (line: RegExp, timeoutMs: number) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => line.test(text()) && resolve();
    const fail = (why: string) => reject(new Error(`${why} before ${line}:\n${text()}`));
    const timer = setTimeout(() => fail(`${timeoutMs} ms`), timeoutMs);
    ended.then((code) => fail(`ended with ${code}`));
    listeners.add(check);
    check();
    await promise.finally(() => {
      clearTimeout(timer);
      listeners.delete(check);
    });
  };
  return {
    pid: child.pid ?? 0,
    output: text,
    errors,
    waitFor,
    kill: (signal) => void child.kill(signal),
    ended,
  };
};

/** Where the ports from this one on are free: below those that the system gives out by itself, to listeners and to connections. */
export const freeBase = async (portsAt: (base: number) => readonly number[]): Promise<number> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 10_000 + Math.floor(Math.random() * 20_000);
    const isFree = await ensureFree(portsAt(base)).then(
      () => true,
      () => false,
    );
    if (isFree) return base;
  }
  throw new Error('no free ports');
};

export const freePortBase = (): Promise<number> => freeBase((base) => allPorts(portsFrom(base)));
