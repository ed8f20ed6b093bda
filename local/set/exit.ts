import { stop } from 'esbuild';

/** Ends the process. The bundler's own process, left with a question that nobody answers, would print all of its stacks. */
export const exit = (code: number): never => {
  void stop();
  process.exit(code);
};
