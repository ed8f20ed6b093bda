import { expect, vi } from 'vitest';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { GOIM_TRAPS, GOIM_V1_TRAPS } from '../../local/comet/traps.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';

/** A connection on a comet, in a room. */
export interface Seat {
  readonly key: string;
  readonly comet: string;
  readonly room: string;
}

type Wire = 'http' | 'grpc' | 'gorpc';
type Wires = readonly (readonly [comet: string, wire: Wire])[];

const EACH_WIRE: Wires = [
  ['comet-1', 'http'],
  ['comet-2', 'grpc'],
  ['3', 'gorpc'],
];
/** goim v1's rooms are numbers; the others may name theirs so, too. */
const ROOMS = ['1', '2'];
export const OPERATION = 1000;
/** What goim v1's messages always have. */
const V1_OPERATION = 5;
const HOST = '127.0.0.1';
const PATIENT_MS = 60_000;

interface AudienceOptions {
  /** One comet a wire, if it is not given. */
  readonly wires?: Wires;
  /** The comets do what stock ones do to a caller that does not know it. */
  readonly hasTraps?: boolean;
}

/** Comets with goim clients, one a room. */
export interface Audience {
  /** With the keys `k1`, `k2`, … */
  readonly seats: readonly Seat[];
  readonly comets: readonly ReferenceComet[];
  /** For `COMETS`. */
  readonly addresses: string;
  /** The bodies that came, in order, repeats too. */
  received(key: string): readonly string[];
  /** Once all of these have come: that their first deliveries are in this order. Others, with other beginnings, do not count. */
  expectInOrder(key: string, bodies: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const startComet = ([id, wire]: Wires[number], hasTraps: boolean): Promise<ReferenceComet> => {
  const at = { id, host: HOST, clientPort: 0, apiPort: 0 };
  switch (wire) {
    case 'http':
      return startReferenceComet(at);
    case 'grpc':
      return startReferenceComet({ ...at, grpcPort: 0, traps: hasTraps ? GOIM_TRAPS : {} });
    case 'gorpc':
      return startReferenceComet({ ...at, gorpcPort: 0, traps: hasTraps ? GOIM_V1_TRAPS : {} });
  }
};

const seatsOn = (wires: Wires): Seat[] =>
  wires
    .flatMap(([comet]) => ROOMS.map((room) => ({ comet, room })))
    .map((seat, index) => ({ key: `k${index + 1}`, ...seat }));

const addressOf = ({ apiUrl, grpcUrl, gorpcUrl }: ReferenceComet): string => grpcUrl ?? gorpcUrl ?? apiUrl;

const connect = (comets: readonly ReferenceComet[], { key, comet, room }: Seat): Promise<GoimClient> => {
  const { clientUrl: url = '', gorpcUrl } = comets.find(({ id }) => id === comet) ?? {};
  const version = gorpcUrl === undefined ? 1 : 0;
  return connectGoimClient({ url, key, roomId: room, accepts: [OPERATION, V1_OPERATION], version });
};

export const openAudience = async ({
  wires = EACH_WIRE,
  hasTraps = false,
}: AudienceOptions = {}): Promise<Audience> => {
  const comets = await Promise.all(wires.map((one) => startComet(one, hasTraps)));
  const seats = seatsOn(wires);
  const clients = new Map<string, GoimClient>();
  for (const seat of seats) clients.set(seat.key, await connect(comets, seat));
  const received = (key: string) => (clients.get(key)?.messages ?? []).map(({ body }) => body.toString());
  return {
    seats,
    comets,
    addresses: JSON.stringify(Object.fromEntries(comets.map((comet) => [comet.id, [addressOf(comet)]]))),
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
