import type { GoimPacket } from './wire.ts';

export interface GoimMessage {
  readonly operation: number;
  readonly body: Buffer;
  /** ms since 1970. */
  readonly receivedAt: number;
}

/** What a client has received, and who waits for it; with `onMessage` each is handed on, and none is kept. */
export const createInbox = (onMessage?: (message: GoimMessage) => void) => {
  const messages: GoimMessage[] = [];
  const waiters = new Set<{ count: number; resolve(): void; reject(error: Error): void }>();
  let failure: Error | undefined;
  const wait = async (count: number, timeoutMs: number): Promise<readonly GoimMessage[]> => {
    if (messages.length >= count) return messages;
    if (failure !== undefined) throw failure;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { count, resolve, reject };
    const late = () => reject(new Error(`${messages.length} of ${count} messages after ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    waiters.add(waiter);
    await promise.finally(() => {
      clearTimeout(timer);
      waiters.delete(waiter);
    });
    return messages;
  };
  const keep = (message: GoimMessage): void => {
    messages.push(message);
    for (const { count, resolve } of waiters) if (messages.length >= count) resolve();
  };
  const take = onMessage ?? keep;
  const add = ({ operation, body }: GoimPacket): void => take({ operation, body, receivedAt: Date.now() });
  const fail = (error: Error): void => {
    failure = error;
    for (const { reject } of waiters) reject(error);
  };
  return { messages, wait, add, fail };
};
