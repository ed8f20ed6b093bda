import type { CometClient } from '../comet/client.ts';
import type { Comet } from '../domain/fleet.ts';

/** Throws `COMET_ADDRESS_INVALID`. */
export type OpenComet = (comet: Comet) => CometClient;

/** Comets whose connections a sandbox keeps open; the least recently used is closed first. */
const MAX_OPEN_COMETS = 500;

/** Keeps one client a comet, and makes a new one when the comet's addresses change. */
export const createPool = (openComet: OpenComet): OpenComet => {
  const open = new Map<string, { readonly addresses: string; readonly client: CometClient }>();
  return (comet) => {
    const addresses = JSON.stringify(comet.addresses);
    const known = open.get(comet.id);
    const client = known?.addresses === addresses ? known.client : openComet(comet);
    if (known !== undefined && known.client !== client) known.client.close();
    open.delete(comet.id);
    open.set(comet.id, { addresses, client });
    const [oldest] = open;
    if (open.size > MAX_OPEN_COMETS && oldest !== undefined) {
      oldest[1].client.close();
      open.delete(oldest[0]);
    }
    return client;
  };
};
