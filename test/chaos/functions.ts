import { createSandbox, runIn, type Sandbox } from './sandbox.ts';

export const FUNCTION_NAMES = ['dispatch', 'deliver', 'redeliver', 'mergeRooms'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

interface Instance {
  readonly sandbox: Sandbox;
  readonly handler: Handler;
}

export interface CallOptions {
  /** Lambda kills it then. */
  readonly limitMs?: number;
  readonly killAfterMs?: number | undefined;
}

/** The functions as they are deployed, in this process, each call in a sandbox that does nothing else meanwhile. */
export interface Functions {
  call(name: FunctionName, event: unknown, options?: CallOptions): Promise<unknown>;
  running(name: FunctionName): Sandbox[];
  isDead(sandboxName: string): boolean;
  kill(sandboxName: string): void;
  started(): number;
  killAll(): void;
}

const LIMIT_MS: Readonly<Record<FunctionName, number>> = {
  dispatch: 60_000,
  deliver: 15_000,
  redeliver: 75_000,
  mergeRooms: 44_000,
};

const FILE: Readonly<Record<FunctionName, string>> = {
  dispatch: 'dispatch',
  deliver: 'deliver',
  redeliver: 'redeliver',
  mergeRooms: 'merge-rooms',
};

/** The module anew, with memory of its own: what it imports is shared and keeps nothing. */
const importHandler = async (name: FunctionName, sandbox: Sandbox): Promise<Handler> => {
  const module: { handler: Handler } = await import(`../../functions/${FILE[name]}.ts?${sandbox.name}`);
  return module.handler;
};

/** `envOf` is asked when a sandbox is made: what a deploy sets. */
export const openFunctions = (envOf: (name: FunctionName) => Record<string, string>): Functions => {
  const idleByName = new Map<FunctionName, Instance[]>(FUNCTION_NAMES.map((name) => [name, []]));
  const runningByName = new Map<string, Instance>();
  const dead = new Set<string>();
  let number = 0;

  const take = async (name: FunctionName): Promise<Instance> => {
    const env = envOf(name);
    const isCurrent = ({ sandbox }: Instance) => JSON.stringify(sandbox.env) === JSON.stringify(env);
    const idle = idleByName.get(name) ?? [];
    const at = idle.findIndex(isCurrent);
    const [reused] = at === -1 ? [] : idle.splice(at, 1);
    if (reused !== undefined) return reused;
    number += 1;
    const sandbox = createSandbox(name, number, env);
    return { sandbox, handler: await importHandler(name, sandbox) };
  };

  const kill = (sandboxName: string): void => {
    dead.add(sandboxName);
    runningByName.get(sandboxName)?.sandbox.kill('Runtime exited');
  };

  const run = async (
    { sandbox, handler }: Instance,
    event: unknown,
    options: CallOptions,
  ): Promise<unknown> => {
    const limitMs = options.limitMs ?? LIMIT_MS[sandbox.functionName as FunctionName];
    const endsAt = performance.now() + limitMs;
    const endMs = Math.min(limitMs, options.killAfterMs ?? limitMs);
    const timer = setTimeout(() => kill(sandbox.name), endMs);
    const context = { getRemainingTimeInMillis: () => endsAt - performance.now() };
    const work = runIn(sandbox, () => handler(event, context));
    work.catch(() => {});
    return await Promise.race([work, sandbox.death]).finally(() => clearTimeout(timer));
  };

  return {
    call: async (name, event, options = {}) => {
      const instance = await take(name);
      const { sandbox } = instance;
      runningByName.set(sandbox.name, instance);
      try {
        return await run(instance, event, options);
      } finally {
        runningByName.delete(sandbox.name);
        if (!sandbox.isDead()) idleByName.get(name)?.push(instance);
      }
    },
    running: (name) =>
      [...runningByName.values()]
        .map(({ sandbox }) => sandbox)
        .filter(({ functionName }) => functionName === name),
    isDead: (sandboxName) => dead.has(sandboxName),
    kill,
    started: () => number,
    killAll: () => {
      for (const name of runningByName.keys()) kill(name);
    },
  };
};
