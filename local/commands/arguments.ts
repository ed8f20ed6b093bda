import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** What is wrong with the arguments. */
export class UsageError extends Error {}

/** What went wrong, to be told in one line. */
export class CommandError extends Error {}

/** Which npm has, too, and sets for whoever has them in an .npmrc. */
const NPM_OWN: ReadonlySet<string> = new Set(['yes', 'json']);

/** npm takes what stands before its `--` for itself, and says so in the environment. */
const swallowed = (options: ParseArgsOptionsConfig): string | undefined =>
  Object.keys(options).find(
    (name) => !NPM_OWN.has(name) && process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );

/** Throws a `UsageError`. */
export const readArguments = <const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
) => {
  const name = swallowed(options);
  if (name !== undefined) throw new UsageError(`npm took --${name} for its own: put -- before the options`);
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
