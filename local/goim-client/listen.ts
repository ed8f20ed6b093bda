import { setTimeout as delay } from 'node:timers/promises';
import { connectGoimClient, type GoimClientOptions } from './client.ts';

export interface ListenOptions extends Omit<GoimClientOptions, 'onMessage'> {
  readonly onMessage: NonNullable<GoimClientOptions['onMessage']>;
  /** Told of each connection, and why it ended. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 8_000;

const messageOf = (error: unknown): string => {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
};

/** Listens until the signal, connecting anew whenever the connection ends. Never rejects. */
export const listen = async ({ tell, signal, ...options }: ListenOptions): Promise<void> => {
  let waitMs = FIRST_WAIT_MS;
  const hear = async (): Promise<string> => {
    const client = await connectGoimClient(options);
    waitMs = FIRST_WAIT_MS;
    tell(`connected to ${options.url} with key ${options.key}`);
    const leave = () => void client.close();
    signal.addEventListener('abort', leave);
    const { code, reason } = await client.closed;
    signal.removeEventListener('abort', leave);
    return `the connection closed (${code}${reason === '' ? '' : ` ${reason}`})`;
  };
  while (!signal.aborted) {
    const ended = await hear().catch(messageOf);
    if (signal.aborted) return;
    tell(`${ended}; again in ${waitMs} ms`);
    await delay(waitMs, undefined, { signal }).catch(() => {});
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
  }
};
