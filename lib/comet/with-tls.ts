import type { Outcome } from '../domain/outcome.ts';
import { ServiceError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { CometClient } from './client.ts';
import { callError, undeliveredBy } from './error.ts';
import type { CometTls } from './tls.ts';

interface Opened {
  readonly tls: CometTls;
  readonly client: CometClient;
  calls: number;
}

/** One client, and another once there is another `tls`; the old one is closed when its last call has ended. */
const createClients = (open: (tls: CometTls) => CometClient) => {
  let current: Opened | undefined;
  const closeIfOver = (opened: Opened): void => {
    if (opened !== current && opened.calls === 0) opened.client.close();
  };
  const currentFor = (tls: CometTls): Opened => {
    if (current?.tls === tls) return current;
    const old = current;
    current = { tls, client: open(tls), calls: 0 };
    if (old !== undefined) closeIfOver(old);
    return current;
  };
  return {
    use: async <T>(tls: CometTls, call: (client: CometClient) => Promise<T>): Promise<T> => {
      const opened = currentFor(tls);
      opened.calls += 1;
      try {
        return await call(opened.client);
      } finally {
        opened.calls -= 1;
        closeIfOver(opened);
      }
    },
    close: (): void => current?.client.close(),
  };
};

const isRefusal = (error: unknown): boolean => error instanceof ServiceError && error.code === 'COMET_TLS';

/** Not one op has gone out. */
const areRefused = (outcomes: readonly Outcome[]): boolean =>
  outcomes.every(({ status }) => status === 'undelivered') &&
  outcomes.some((outcome) => outcome.status === 'undelivered' && outcome.code === 'COMET_TLS');

/** A client whose certificates stand in a secret: where TLS fails it is read again, and the call made once more if it has changed. */
const renewing = (secret: Secret<CometTls>, open: (tls: CometTls) => CometClient): CometClient => {
  const clients = createClients(open);
  return {
    deliver: async (ops, signal) => {
      try {
        const first = await secret.value(signal);
        const outcomes = await clients.use(first, (client) => client.deliver(ops, signal));
        if (!areRefused(outcomes)) return outcomes;
        const second = await secret.valueAfter(first, signal);
        if (second === first) return outcomes;
        return await clients.use(second, (client) => client.deliver(ops, signal));
      } catch (error) {
        return ops.map(() => ({ status: 'undelivered', ...undeliveredBy(callError(error)) }));
      }
    },
    rooms: async (signal) => {
      const first = await secret.value(signal);
      try {
        return await clients.use(first, (client) => client.rooms(signal));
      } catch (error) {
        const second = isRefusal(error) ? await secret.valueAfter(first, signal) : first;
        if (second === first) throw error;
        return await clients.use(second, (client) => client.rooms(signal));
      }
    },
    roomsChange: async (signal) =>
      clients.use(
        await secret.value(signal),
        async (client) => (await client.roomsChange?.(signal)) ?? 'unsupported',
      ),
    close: clients.close,
  };
};

/** Without a secret, one with the system's authorities. */
export const withTls = (
  secret: Secret<CometTls> | undefined,
  open: (tls?: CometTls) => CometClient,
): CometClient => (secret === undefined ? open() : renewing(secret, open));
