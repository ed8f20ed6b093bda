import { DEFAULT_PORT_BASE } from '../ports.ts';
import { ProduceError } from './produce.ts';
import { UsageError } from './push-arguments.ts';

const USAGE_EXIT_CODE = 2;

/** fetch says "fetch failed" and no more. */
const isRefused = (error: unknown): boolean =>
  error instanceof TypeError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';

const fail = (message: string, exitCode: number): void => {
  console.error(`Error: ${message}`);
  process.exitCode = exitCode;
};

/** Runs a command: each foreseen failure in one line, and an exit code that is not 0. */
export const runCommand = async (command: () => Promise<void>): Promise<void> => {
  try {
    await command();
  } catch (error) {
    if (error instanceof UsageError) fail(`${error.message} (--help says more)`, USAGE_EXIT_CODE);
    else if (error instanceof ProduceError) fail(error.message, 1);
    else if (isRefused(error)) {
      fail(`nothing listens there: run npm start first, with the same --port-base (${DEFAULT_PORT_BASE})`, 1);
    } else throw error;
  }
};
