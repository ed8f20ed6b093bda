import type { CometClient } from '../comet/client.ts';
import type { Comet } from '../domain/fleet.ts';
import { MAX_OPEN_CALLS } from '../domain/limits.ts';

/** Throws `COMET_ADDRESS_INVALID`. */
export type OpenComet = (comet: Comet) => CometClient;

/** Keeps one client a comet, with its connections, and makes a new one when the comet's addresses change. */
export interface Pool {
  /** Rejects with `COMET_ADDRESS_INVALID`, and with what `call` does. */
  use<T>(comet: Comet, call: (client: CometClient) => Promise<T>): Promise<T>;
}

interface Entry {
  readonly addresses: string;
  readonly client: CometClient;
  calls: number;
  /** To be closed once nobody calls it any more. */
  retired: boolean;
}

/** As many as may be called at once: more connections than that a sandbox could not hold. */
const MAX_OPEN_COMETS = MAX_OPEN_CALLS;

export const createPool = (openComet: OpenComet): Pool => {
  const open = new Map<string, Entry>();

  const retire = (id: string, entry: Entry): void => {
    open.delete(id);
    entry.retired = true;
    if (entry.calls === 0) entry.client.close();
  };

  /** The least recently used of those that rest. */
  const makeRoom = (): void => {
    if (open.size < MAX_OPEN_COMETS) return;
    const resting = [...open].find(([, { calls }]) => calls === 0);
    if (resting !== undefined) retire(...resting);
  };

  const entryOf = (comet: Comet): Entry => {
    const addresses = JSON.stringify(comet.addresses);
    const known = open.get(comet.id);
    if (known?.addresses === addresses) {
      open.delete(comet.id);
      return known;
    }
    const client = openComet(comet);
    if (known !== undefined) retire(comet.id, known);
    makeRoom();
    return { addresses, client, calls: 0, retired: false };
  };

  return {
    use: async (comet, call) => {
      const entry = entryOf(comet);
      open.set(comet.id, entry);
      entry.calls += 1;
      try {
        return await call(entry.client);
      } finally {
        entry.calls -= 1;
        if (entry.retired && entry.calls === 0) entry.client.close();
      }
    },
  };
};
