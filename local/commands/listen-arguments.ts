import { randomUUID } from 'node:crypto';
import type { GoimClientOptions } from '../goim-client/client.ts';
import { DEFAULT_PORT_BASE, HOST } from '../ports.ts';
import { readArguments, UsageError } from './arguments.ts';
import { readPorts } from './ports-argument.ts';

export const LISTEN_USAGE = `Connects to a comet as goim's clients do, over WebSocket, and prints what arrives, until Ctrl-C.

  npm run listen -- --room live://1000
  npm run listen -- --comet comet-2 --key k1 --accepts 1000,1001
  npm run listen -- --comet 3 --room 1000                       a comet of goim v1
  npm run listen -- --url ws://10.0.0.5:3102/sub --room live://1000

  --comet <id>       of npm start: comet-1, the default, comet-2 or 3
  --url <ws://…>     any other comet; with --format v1, one of goim v1
  --room <id>        the room to be in (none)
  --key <key>        the connection's key (one of its own)
  --accepts <a,b>    the operations of pushes to keys and to everyone that it takes (1000)
  --format <v>       v2 or v1 (v2; 3 of npm start is v1)
  --port-base <n>    as given to npm start (${DEFAULT_PORT_BASE})
  --help

A line has the time, the delay, the operation and the body. The delay is known if the body is JSON with the time that it
was sent at, "sentAt", in ms since 1970, as npm run push writes it where no body is given.`;

const OPTIONS = {
  comet: { type: 'string' },
  url: { type: 'string' },
  room: { type: 'string', default: '' },
  key: { type: 'string' },
  accepts: { type: 'string', default: '1000' },
  format: { type: 'string' },
  'port-base': { type: 'string' },
} as const;

export type ListenTarget = Required<
  Pick<GoimClientOptions, 'url' | 'key' | 'roomId' | 'accepts' | 'version'>
>;

const parse = (args: readonly string[]) => readArguments(args, OPTIONS);
type Values = ReturnType<typeof parse>['values'];

const operationsIn = (text: string): number[] => {
  const operations = text.split(',').map((item) => (item.trim() === '' ? Number.NaN : Number(item)));
  if (operations.every(Number.isSafeInteger)) return operations;
  throw new UsageError(`--accepts is not a list of operations: ${text}`);
};

const versionOf = ({ format = 'v2' }: Values): 0 | 1 => {
  if (format !== 'v1' && format !== 'v2') throw new UsageError(`--format is v1 or v2, not ${format}`);
  return format === 'v1' ? 0 : 1;
};

const addressOf = (values: Values): Pick<ListenTarget, 'url' | 'version'> => {
  const { url, comet: id = 'comet-1' } = values;
  if (url === undefined) {
    const { comets } = readPorts(values['port-base']);
    const comet = comets.find((one) => one.id === id);
    if (comet === undefined) throw new UsageError(`there is no comet ${id} in npm start; another has --url`);
    return {
      url: `ws://${HOST}:${comet.clients}/sub`,
      version: comet.wire === 'gorpc' ? 0 : versionOf(values),
    };
  }
  if (values.comet !== undefined) throw new UsageError('name one comet: --comet or --url');
  if (!/^wss?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new UsageError('--url is not ws://host:port/path');
  return { url, version: versionOf(values) };
};

/** Throws a `UsageError`. */
export const readListenArguments = (args: readonly string[]): ListenTarget => {
  const { values } = parse(args);
  return {
    ...addressOf(values),
    key: values.key ?? `listen-${randomUUID().slice(0, 8)}`,
    roomId: values.room,
    accepts: operationsIn(values.accepts),
  };
};
