import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import type { Answer, Call, ThreadData } from './sandbox-thread.ts';

/** A function as it is run: its bundle and its limits. */
export interface FunctionDefinition extends ThreadData {
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** One environment in which a function runs, one invocation at a time; what its module keeps, the next invocation finds. */
export interface Sandbox {
  /** JSON in and out. Rejects with the handler's error, when the time is over, and when the sandbox ends. */
  run(payload: string): Promise<string>;
  /** After a time-out or a crash it takes no invocation any more. */
  isEnded(): boolean;
  end(): Promise<void>;
}

const THREAD = new URL('./sandbox-thread.ts', import.meta.url);

let code: string | undefined;
/** Made once here: each thread that strips types by itself loads a compiler for that. */
const threadCode = (): string => {
  code ??= transformSync(readFileSync(THREAD, 'utf8'), { loader: 'ts', format: 'cjs' }).code;
  return code;
};

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

export const openSandbox = (definition: FunctionDefinition): Sandbox => {
  const { file, functionName, environment, timeoutMs, memoryMb } = definition;
  const workerData: ThreadData = { file, functionName };
  const thread = new Worker(threadCode(), {
    eval: true,
    env: environment,
    workerData,
    name: functionName,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  let settle: ((answer: Answer | Error) => void) | undefined;
  let isEnded = false;
  const ended = (error: Error): void => {
    isEnded = true;
    settle?.(error);
  };
  const end = async (): Promise<void> => {
    ended(named('Sandbox.Ended', `${functionName} was ended`));
    await thread.terminate();
  };
  const timedOut = (): void => {
    ended(named('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`));
    void thread.terminate();
  };
  thread.on('message', (answer: Answer) => settle?.(answer));
  thread.on('error', (error: Error) => ended(error));
  thread.on('exit', (status) => ended(named('Runtime.ExitError', `exited with ${status}`)));
  const answerTo = (call: Call): Promise<Answer | Error> =>
    new Promise((resolve) => {
      settle = resolve;
      thread.postMessage(call);
    });
  return {
    isEnded: () => isEnded,
    end,
    run: async (payload) => {
      const timer = setTimeout(timedOut, timeoutMs);
      const answer = await answerTo({ payload, requestId: randomUUID(), limitMs: timeoutMs });
      clearTimeout(timer);
      settle = undefined;
      if (answer instanceof Error) throw answer;
      if ('result' in answer) return answer.result;
      throw named(answer.errorType, answer.errorMessage);
    },
  };
};
