import { isUtf8 } from 'node:buffer';
import type { GoimMessage } from '../goim-client/inbox.ts';
import { listen } from '../goim-client/listen.ts';
import { LISTEN_USAGE, readListenArguments } from './listen-arguments.ts';
import { plain } from './plain.ts';
import { runCommand } from './run-command.ts';

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

const sentAt = (body: Buffer): number => {
  try {
    return Number(JSON.parse(`${body}`).sentAt);
  } catch {
    return Number.NaN;
  }
};

const delayOf = ({ body, receivedAt }: GoimMessage): string => {
  const ms = receivedAt - sentAt(body);
  return Number.isNaN(ms) ? '-' : `${ms} ms`;
};

const textOf = (body: Buffer): string => (isUtf8(body) ? plain(`${body}`) : `hex ${body.toString('hex')}`);

const lineOf = (message: GoimMessage): string =>
  [timeOf(message.receivedAt), delayOf(message), message.operation, textOf(message.body)].join('\t');

await runCommand(LISTEN_USAGE, async (args) => {
  const target = readListenArguments(args);
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
    // A comet that does not answer the close is not waited for.
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  await listen({
    ...target,
    signal: ending.signal,
    tell: (line) => console.error(plain(line)),
    onMessage: (message) => console.log(lineOf(message)),
  });
});
