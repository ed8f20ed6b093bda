import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

const children = new Set<ChildProcess>();
subscribe('child_process', (message) => children.add((message as { process: ChildProcess }).process));

/** Ends the process, its children first: the bundler, left with a question that nobody answers, would print all of its stacks. */
export const exit = (code: number): never => {
  for (const child of children) child.kill('SIGKILL');
  process.exit(code);
};
