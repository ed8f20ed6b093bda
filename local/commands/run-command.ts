import { CommandError, UsageError } from './arguments.ts';

const USAGE_EXIT_CODE = 2;

const fail = (message: string, exitCode: number): void => {
  console.error(`Error: ${message}`);
  process.exitCode = exitCode;
};

/** Runs a command with its arguments, or prints its usage for `--help`: each foreseen failure in one line, and an exit code that is not 0. */
export const runCommand = async (
  usage: string,
  command: (args: readonly string[]) => Promise<void>,
): Promise<void> => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(usage);
  try {
    await command(args);
  } catch (error) {
    if (error instanceof UsageError) fail(`${error.message} (--help says more)`, USAGE_EXIT_CODE);
    else if (error instanceof CommandError) fail(error.message, 1);
    else throw error;
  }
};
