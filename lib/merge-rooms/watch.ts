import type { Clock } from '../clock.ts';
import type { CometClient } from '../comet/client.ts';
import { MAX_WATCHED_COMETS, MERGE_EARLY_MS } from '../domain/limits.ts';

/** Whether a comet says that its rooms have changed. It is a hint to ask, and believed for nothing else. */
export interface RoomsWatch {
  /** Watches a comet that has answered, as far as it can say so. */
  follow(client: CometClient): void;
  /** Of a client that is closed. */
  forget(client: CometClient): void;
  /** What has changed until now is about to be asked for. */
  reset(): void;
  /** Resolves once something has changed since. */
  changed(): Promise<void>;
}

export const createRoomsWatch = ({ sleep }: Clock): RoomsWatch => {
  const endByClient = new Map<CometClient, AbortController>();
  let watching = 0;
  let change = Promise.withResolvers<void>();

  const watch = async (client: CometClient, { signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      // Also one whose list is another one each time is not asked without a pause.
      const pause = sleep(MERGE_EARLY_MS);
      const answer = (await client.roomsChange?.(signal)) ?? 'unsupported';
      if (answer === 'unsupported') return;
      if (answer === 'changed') change.resolve();
      await pause;
    }
  };

  return {
    follow: (client) => {
      if (endByClient.has(client) || watching >= MAX_WATCHED_COMETS) return;
      const end = new AbortController();
      endByClient.set(client, end);
      watching += 1;
      watch(client, end)
        // It is watched again once it has answered a pass.
        .catch(() => endByClient.delete(client))
        .finally(() => {
          watching -= 1;
        });
    },
    forget: (client) => {
      endByClient.get(client)?.abort();
      endByClient.delete(client);
    },
    reset: () => {
      change = Promise.withResolvers<void>();
    },
    changed: () => change.promise,
  };
};
