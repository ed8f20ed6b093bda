import { AsyncLocalStorage } from 'node:async_hooks';

/** Where a function runs: one at a time, with memory of its own, and dead once it is killed. */
export interface Sandbox {
  /** Like `dispatch-3`; part of the URLs at which it finds DynamoDB and Lambda, so that they know who asks. */
  readonly name: string;
  readonly functionName: string;
  /** Before those of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Rejects when it is killed. */
  readonly death: Promise<never>;
  isDead(): boolean;
  kill(why: string): void;
}

/** What Lambda says of a function whose process has ended. */
class SandboxDied extends Error {
  override readonly name = 'Runtime.ExitError';
}

export const createSandbox = (
  functionName: string,
  number: number,
  env: Readonly<Record<string, string>> = {},
): Sandbox => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  let dead = false;
  return {
    name: `${functionName}-${number}`,
    functionName,
    env,
    death: promise,
    isDead: () => dead,
    kill: (why) => {
      dead = true;
      reject(new SandboxDied(why));
    },
  };
};

const running = new AsyncLocalStorage<Sandbox>();
const realEnv = process.env;
const realNow = Date.now;
let jumpedMs = 0;

/** The clock of every sandbox, beside the real time. */
export const jumpClock = (ms: number): void => {
  jumpedMs += ms;
  if (ms < 0) wentBackAt.push(performance.now());
};
const wentBackAt: number[] = [];

/** Whether the clock has gone back between these times of `performance.now()`. */
export const wentBackBetween = (from: number, to: number): boolean =>
  wentBackAt.some((at) => at >= from && at <= to);

/** Runs work as a sandbox does: with its own endpoints. */
export const runIn = <T>(sandbox: Sandbox, work: () => T): T => running.run(sandbox, work);

const ENDPOINTS = ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_LAMBDA'];

/** To be called before any of the functions' code is imported: it keeps `Date.now`. */
export const installSandboxes = (): void => {
  Date.now = () => realNow() + jumpedMs;
  process.env = new Proxy(realEnv, {
    has: (env, name) => name in (running.getStore()?.env ?? {}) || Reflect.has(env, name),
    set: (env, name, value) => Reflect.set(env, name, value),
    get: (env, name) => {
      const sandbox = running.getStore();
      const value: string | undefined = sandbox?.env[String(name)] ?? Reflect.get(env, name);
      return sandbox !== undefined && ENDPOINTS.includes(String(name)) ? `${value}/${sandbox.name}` : value;
    },
  });
};
