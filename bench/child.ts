import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of ours; it says one message when it is ready, and answers each `ask` with one. */
export interface Child<Ready> {
  readonly ready: Ready;
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

const nextMessage = (child: ChildProcess, script: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      child.off('message', onMessage);
      reject(new Error(`${script} ended with ${code}`));
    };
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(message);
    };
    child.once('exit', onExit);
    child.once('message', onMessage);
  });

const stopChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

/** Forks a script and waits until it is ready. It ends with us, because its channel closes. */
export const startChild = async <Ready>(
  script: URL,
  { args = [], env = {}, execArgv = process.execArgv }: ChildOptions = {},
): Promise<Child<Ready>> => {
  const path = fileURLToPath(script);
  const child = fork(path, args, {
    // Log lines are written, as in Lambda, but nobody reads them.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
    execArgv: [...execArgv],
  });
  const ready = (await nextMessage(child, path)) as Ready;
  return {
    ready,
    ask: async <Answer>(question: object) => {
      const answer = nextMessage(child, path);
      child.send(question);
      return (await answer) as Answer;
    },
    stop: () => stopChild(child),
  };
};
