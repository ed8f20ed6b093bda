import { DEFAULT_PORT_BASE, type Ports } from '../ports.ts';
import { readArguments } from './arguments.ts';
import { readPorts } from './ports-argument.ts';

export const START_USAGE = `The whole set on this machine: topic, tables, three comets, functions, console. Ctrl-C ends it.

  npm start
  npm start -- --port-base 4100

  --port-base <n>       first port, which moves all of them (${DEFAULT_PORT_BASE})
  --quiet               no line a batch
  --stage <name>        in the names of tables and functions (dev)
  --param <name=value>  as for a deploy: topic, batchSize, windowS; once for each
  --help`;

const OPTIONS = {
  'port-base': { type: 'string' },
  quiet: { type: 'boolean' },
  stage: { type: 'string' },
  param: { type: 'string', multiple: true },
} as const;

/** The ports that will be used; throws a `UsageError`. */
export const readStartArguments = (args: readonly string[]): Ports =>
  readPorts(readArguments(args, OPTIONS).values['port-base']);
