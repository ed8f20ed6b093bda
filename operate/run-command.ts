import { ServiceError } from '../lib/errors.ts';
import { UsageError } from '../local/commands/arguments.ts';
import type { Terminal } from './terminal.ts';

const USAGE_EXIT_CODE = 2;

/** What the SDK or AWS says of the operator's own set-up; other messages might quote what they failed on. */
const TELLING: ReadonlySet<string> = new Set([
  'Error',
  'CredentialsProviderError',
  'AccessDeniedException',
  'ExpiredTokenException',
  'ResourceNotFoundException',
  'UnrecognizedClientException',
]);

const hintOf = ({ cause }: ServiceError): string => {
  if (!(cause instanceof Error)) return '';
  if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED')
    return '; with --local, is npm start running, with the same --port-base?';
  return TELLING.has(cause.name) ? `; ${cause.message}` : '';
};

/** Undefined: it was not foreseen. */
const messageOf = (error: unknown): string | undefined => {
  if (error instanceof UsageError) return `${error.message} (--help says more)`;
  return error instanceof ServiceError ? `${error.code}: ${error.message}${hintOf(error)}` : undefined;
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
