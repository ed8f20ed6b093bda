import { ServiceError } from '../lib/errors.ts';
import { UsageError } from '../local/commands/arguments.ts';
import { setUpProblem } from './set-up-problem.ts';
import type { Terminal } from './terminal.ts';

const USAGE_EXIT_CODE = 2;

/** Undefined: it was not foreseen. */
const messageOf = (error: unknown): string | undefined => {
  if (error instanceof UsageError) return `${error.message} (--help says more)`;
  if (error instanceof ServiceError) return setUpProblem(error) ?? `${error.code}: ${error.message}`;
  return undefined;
};

/** Exit code 0, or 1 if the command says false or fails, or 2 for wrong arguments; each foreseen failure in one line. */
export const runCommand = async (
  command: () => Promise<boolean>,
  { err }: Pick<Terminal, 'err'>,
): Promise<void> => {
  try {
    process.exitCode = (await command()) ? 0 : 1;
  } catch (error) {
    const message = messageOf(error);
    if (message === undefined) throw error;
    err(`Error: ${message}`);
    process.exitCode = error instanceof UsageError ? USAGE_EXIT_CODE : 1;
  }
};
