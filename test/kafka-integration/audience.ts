import { expect, vi } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import type { Traps } from '../../local/comet/traps.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';

/** A connection on a comet, in a room. */
export interface Seat {
  readonly key: string;
  readonly comet: string;
  readonly room: string;
}

export const SEATS: readonly Seat[] = [
  { key: 'k1', comet: 'comet-1', room: 'live://1' },
  { key: 'k2', comet: 'comet-1', room: 'live://2' },
  { key: 'k3', comet: 'comet-2', room: 'live://1' },
  { key: 'k4', comet: 'comet-2', room: 'live://2' },
];
export const OPERATION = 1000;
/** What goim v1's messages always have. */
const V1_OPERATION = 5;
const HOST = '127.0.0.1';
const PATIENT_MS = 60_000;

/** Comets with goim clients. */
export interface Audience {
  readonly comets: readonly ReferenceComet[];
  /** For `COMETS`. */
  readonly addresses: string;
  /** The bodies that came, in order, repeats too. */
  received(key: string): readonly string[];
  /** Once all of these have come: that their first deliveries are in this order. Others, with other beginnings, do not count. */
  expectInOrder(key: string, bodies: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What each comet is reached at: the second one over gRPC. */
const addressOf = ({ apiUrl, grpcUrl = apiUrl }: ReferenceComet, index: number): string =>
  index === 1 ? grpcUrl : apiUrl;

const startComets = (traps: Traps): Promise<ReferenceComet[]> =>
  Promise.all(
    ['comet-1', 'comet-2'].map((id) =>
      startReferenceComet({ id, host: HOST, clientPort: 0, apiPort: 0, grpcPort: 0, traps }),
    ),
  );

const connect = (comets: readonly ReferenceComet[], { key, comet, room }: Seat): Promise<GoimClient> => {
  const url = comets.find(({ id }) => id === comet)?.clientUrl ?? '';
  return connectGoimClient({ url, key, roomId: room, accepts: [OPERATION, V1_OPERATION] });
};

export const openAudience = async ({ traps = {} }: { traps?: Traps } = {}): Promise<Audience> => {
  const comets = await startComets(traps);
  const clients = new Map<string, GoimClient>();
  for (const seat of SEATS) clients.set(seat.key, await connect(comets, seat));
  const received = (key: string) => (clients.get(key)?.messages ?? []).map(({ body }) => body.toString());
  return {
    comets,
    addresses: JSON.stringify(
      Object.fromEntries(comets.map((comet, index) => [comet.id, [addressOf(comet, index)]])),
    ),
    received,
    expectInOrder: async (key, bodies) => {
      const wanted = new Set(bodies);
      const firsts = () => [...new Set(received(key))].filter((body) => wanted.has(body));
      await vi.waitFor(() => expect(firsts().length, `of ${bodies.length} to ${key}`).toBe(wanted.size), {
        timeout: PATIENT_MS,
        interval: 20,
      });
      expect(firsts()).toEqual(bodies);
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
      await Promise.all(comets.map((comet) => comet.close()));
    },
  };
};
