import { COMET_CALL_MS, IDLE_CONNECTION_MS, ROOMS_CALL_MS } from '../lib/domain/limits.ts';
import { readArguments, UsageError } from '../local/commands/arguments.ts';
import { openGoimClient } from './clients/goim.ts';
import { openPlainClient } from './clients/plain.ts';
import type { Waits } from './gateway.ts';
import type { RunOptions } from './run.ts';

export const GATEWAY_CHECK_USAGE = `Checks a gateway against docs/comet-api.yaml. It sends to made-up keys and rooms, and broadcasts: not to
one that people are connected to.

  npm run gateway-check -- http://127.0.0.1:3108 --clients ws://127.0.0.1:3102/sub
  npm run gateway-check -- http://127.0.0.1:4501 --clients 'ws://127.0.0.1:4501/?key={key}&room={room}'

  --token <token>   the gateway's COMET_TOKEN, which may be in the environment instead
  --clients <url>   where its clients connect: those of goim's protocol, or, if the URL has {key} and {room}, those that get
                    each body as a WebSocket message
  --junit <file>    a report for CI
  --help

Exit code: 0 all is well, 1 something is not, 2 the arguments are wrong.`;

/** Those of goim-job; a connection rests a little longer than it does there, when it is used again. */
export const WAITS: Waits = {
  opsMs: COMET_CALL_MS,
  roomsMs: ROOMS_CALL_MS,
  restMs: IDLE_CONNECTION_MS + 500,
};

const OPTIONS = {
  token: { type: 'string' },
  clients: { type: 'string' },
  junit: { type: 'string' },
} as const;

const needUrl = (what: string, text: string, protocols: readonly string[]): void => {
  if (!protocols.includes(URL.parse(text)?.protocol ?? ''))
    throw new UsageError(`${what} is no ${protocols.map((protocol) => `${protocol}//`).join(' or ')} URL`);
};

const clientsOf = (url: string): Pick<RunOptions, 'openClient' | 'hasOperations'> =>
  url.includes('{key}')
    ? { openClient: openPlainClient(url), hasOperations: false }
    : { openClient: openGoimClient(url), hasOperations: true };

/** Throws a `UsageError`. */
export const readCheckArguments = (args: readonly string[], environment: NodeJS.ProcessEnv) => {
  const { values, positionals } = readArguments(args, OPTIONS, true);
  const [url = '', ...more] = positionals;
  if (more.length > 0) throw new UsageError('name one gateway');
  needUrl('the gateway', url, ['http:', 'https:']);
  if (values.clients !== undefined) needUrl('--clients', values.clients, ['ws:', 'wss:']);
  const token = values.token ?? environment['COMET_TOKEN'];
  const clients = values.clients === undefined ? { hasOperations: false } : clientsOf(values.clients);
  const options: RunOptions = { url, token, waits: WAITS, ...clients };
  return { options, junit: values.junit };
};
