import { readArguments, UsageError } from '../local/commands/arguments.ts';
import { portsFrom } from '../local/ports.ts';
import { stageOf } from '../operate/place.ts';

const DEFAULT_PORT = portsFrom().console;
const MAX_PORT = 65_535;

export const CONSOLE_USAGE = `The console of a deployed set, on this machine; that of npm start is there by itself.

  npm run console -- --stage prod

  --stage <name>    (dev); region and credentials from AWS's usual variables
  --allow-changes   replay and purge dead letters; without it nothing is changed
  --policy          prints the IAM policy that this needs, with --allow-changes that too, and ends
  --port <n>        on 127.0.0.1 (${DEFAULT_PORT})
  --help`;

export interface ConsoleArguments {
  readonly stage: string;
  readonly canChange: boolean;
  readonly isPolicy: boolean;
  readonly port: number;
}

const OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  'allow-changes': { type: 'boolean', default: false },
  policy: { type: 'boolean', default: false },
  port: { type: 'string', default: String(DEFAULT_PORT) },
  help: { type: 'boolean' },
} as const;

/** Undefined: help is asked for. Throws a `UsageError`. */
export const readConsoleArguments = (args: readonly string[]): ConsoleArguments | undefined => {
  const { values } = readArguments(args, OPTIONS);
  if (values.help === true) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) throw new UsageError('--port is no port');
  const stage = stageOf(values.stage);
  return { stage, canChange: values['allow-changes'], isPolicy: values.policy, port };
};
