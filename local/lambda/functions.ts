import { type FunctionDefinition, openSandbox, type Sandbox } from './sandbox.ts';

/** One invocation, by whomever; times in ms since 1970. */
export interface Invocation {
  readonly functionKey: string;
  /** The event, as JSON. */
  readonly payload: string;
  readonly startedAt: number;
}

export interface InvocationWatcher {
  began(invocation: Invocation): void;
  /** `result` is JSON; undefined: it failed. */
  ended(invocation: Invocation, result: string | undefined): void;
}

/** Functions by key, each in as many sandboxes as it has invocations at once; those stay, as long as nothing ends them. */
export interface Functions {
  /** JSON in and out. Rejects when the function fails, when its time is over, and with `Reloaded`. */
  call(functionKey: string, payload: string): Promise<string>;
  watch(watcher: InvocationWatcher): void;
  /** The next call runs the new code; calls that run the old one are given up. */
  reload(): Promise<void>;
}

/** The code has changed during the call. */
export class Reloaded extends Error {
  constructor() {
    super('the code has changed, so the call was given up');
  }
}

interface Pool {
  readonly all: Set<Sandbox>;
  readonly idle: Sandbox[];
}

/** The one that was used last, so that the others' memory stays untouched; one may have crashed while it was idle. */
const takeIdle = ({ idle }: Pool): Sandbox | undefined => {
  for (let one = idle.pop(); one !== undefined; one = idle.pop()) if (!one.isEnded()) return one;
  return undefined;
};

/** `definitionOf` is asked for each new sandbox. */
export const createFunctions = (definitionOf: (functionKey: string) => FunctionDefinition): Functions => {
  let pools = new Map<string, Pool>();
  const watchers: InvocationWatcher[] = [];

  const poolOf = (functionKey: string): Pool => {
    const pool = pools.get(functionKey) ?? { all: new Set(), idle: [] };
    pools.set(functionKey, pool);
    return pool;
  };
  const open = (functionKey: string, { all }: Pool): Sandbox => {
    const sandbox = openSandbox(definitionOf(functionKey));
    all.add(sandbox);
    return sandbox;
  };
  const run = async (functionKey: string, payload: string): Promise<string> => {
    const own = pools;
    const pool = poolOf(functionKey);
    const sandbox = takeIdle(pool) ?? open(functionKey, pool);
    try {
      return await sandbox.run(payload);
    } catch (error) {
      throw own === pools ? error : new Reloaded();
    } finally {
      if (sandbox.isEnded()) pool.all.delete(sandbox);
      else pool.idle.push(sandbox);
    }
  };
  return {
    call: async (functionKey, payload) => {
      const invocation = { functionKey, payload, startedAt: Date.now() };
      for (const { began } of watchers) began(invocation);
      let result: string | undefined;
      try {
        result = await run(functionKey, payload);
        return result;
      } finally {
        for (const { ended } of watchers) ended(invocation, result);
      }
    },
    watch: (watcher) => void watchers.push(watcher),
    reload: async () => {
      const old = pools;
      pools = new Map();
      const sandboxes = [...old.values()].flatMap(({ all }) => [...all]);
      await Promise.all(sandboxes.map((sandbox) => sandbox.end()));
    },
  };
};
