import { setTimeout as pause } from 'node:timers/promises';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import type { ChaosComet } from './comets.ts';
import type { Ledger } from './ledger.ts';
import { ACCEPTS, type Seat } from './seating.ts';

/** The clients: each comes back when its connection closes. */
export interface Audience {
  ready(): Promise<void>;
  /** To another room; in vain while the seat is not connected. */
  roam(seat: Seat, room: string): Promise<void>;
  connected(): number;
  close(): Promise<void>;
}

const numberIn = (body: Buffer): number => Number.parseInt(body.toString('latin1', 0, 12), 10);

export const openAudience = (
  seats: readonly Seat[],
  cometById: ReadonlyMap<string, ChaosComet>,
  ledger: Ledger,
): Audience => {
  const clientBySeat = new Map<Seat, GoimClient>();
  const roomBySeat = new Map(seats.map((seat) => [seat, seat.room]));
  let closing = false;

  const sit = async (seat: Seat): Promise<void> => {
    const session = ledger.openSession(seat);
    const comet = cometById.get(seat.comet);
    const client = await connectGoimClient({
      url: comet?.clientUrl() ?? '',
      version: comet?.wire === 'gorpc' ? 0 : 1,
      key: seat.key,
      roomId: roomBySeat.get(seat) ?? '',
      accepts: ACCEPTS,
      onMessage: ({ body }) => session.received(numberIn(body)),
    });
    // The reply comes before the comet counts the connection in: a round trip later it has.
    await client.heartbeat();
    clientBySeat.set(seat, client);
    session.joined(roomBySeat.get(seat) ?? '');
    await client.closed;
    clientBySeat.delete(seat);
    session.left();
  };
  const keepSitting = async (seat: Seat): Promise<void> => {
    while (!closing) {
      await sit(seat).catch(() => {});
      if (!closing) await pause(100 + Math.random() * 300);
    }
  };
  const sitting = seats.map(keepSitting);
  return {
    ready: async () => {
      while (clientBySeat.size < seats.length) await pause(20);
    },
    roam: async (seat, room) => {
      const client = clientBySeat.get(seat);
      if (client === undefined) return;
      ledger.leavesRoom(seat);
      roomBySeat.set(seat, room);
      await client.changeRoom(room).then(
        () => ledger.entersRoom(seat, room),
        () => {},
      );
    },
    connected: () => clientBySeat.size,
    close: async () => {
      closing = true;
      for (const client of clientBySeat.values()) void client.close();
      await Promise.all(sitting);
    },
  };
};
