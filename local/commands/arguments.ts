import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** What is wrong with the arguments. */
export class UsageError extends Error {}

/** What went wrong, to be told in one line. */
export class CommandError extends Error {}

/** Throws a `UsageError`. */
export const readArguments = <const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the arguments are wrong');
  }
};

/** Throws a `UsageError` that names the option. */
export const positive = (name: string, text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new UsageError(`${name} is not a number above 0: ${text}`);
  }
  return number;
};

/** Throws a `UsageError` that names the option. */
export const positiveWhole = (name: string, text: string): number => {
  const number = positive(name, text);
  if (!Number.isSafeInteger(number)) throw new UsageError(`${name} is not a whole number: ${text}`);
  return number;
};
