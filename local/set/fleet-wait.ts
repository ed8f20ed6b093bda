import { setTimeout as delay } from 'node:timers/promises';
import type { FleetComet } from '../../lib/domain/fleet.ts';
import type { FleetReader } from '../../lib/store/fleet.ts';

/** A comet of the fleet; `isFresh`: it has answered, and what it said of its rooms counts. */
export interface KnownComet extends FleetComet {
  readonly isFresh: boolean;
}

export interface FleetWait {
  readonly fleet: FleetReader;
  /** Infinity: the fleet may come whenever it will. */
  readonly timeoutMs: number;
  /** For all of them to be fresh, once there is a fleet; who is not by then may be down. */
  readonly freshMs: number;
  readonly signal: AbortSignal;
}

const ASK_AGAIN_MS = 100;

const knownComets = async (fleet: FleetReader): Promise<KnownComet[]> => {
  const [header, comets] = await Promise.all([fleet.readHeader(), fleet.readComets()]);
  return comets
    .filter(({ leftAt }) => leftAt === undefined)
    .map((comet) => ({ ...comet, isFresh: header?.fresh.has(comet.id) === true }));
};

/** The comets that are in the fleet; none if there is no fleet when the time is over. */
export const waitForFleet = async ({
  fleet,
  timeoutMs,
  freshMs,
  signal,
}: FleetWait): Promise<readonly KnownComet[]> => {
  let endsAt = Date.now() + timeoutMs;
  let isKnown = false;
  for (;;) {
    const comets = await knownComets(fleet);
    if (comets.length > 0 && comets.every(({ isFresh }) => isFresh)) return comets;
    if (comets.length > 0 && !isKnown) {
      isKnown = true;
      endsAt = Date.now() + freshMs;
    }
    if (Date.now() > endsAt) return comets;
    await delay(ASK_AGAIN_MS, undefined, { signal });
  }
};
