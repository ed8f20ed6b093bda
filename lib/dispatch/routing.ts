import type { Routed } from '../domain/batch.ts';
import { isRoomKey } from '../domain/comet-rooms.ts';
import type { Comet } from '../domain/fleet.ts';
import type { PushMessage } from '../domain/push-message.ts';
import { createRouter, type RoomRouting, type Route } from '../domain/route.ts';
import { ServiceError } from '../errors.ts';
import type { ViewLoader } from './view.ts';

export interface RoutingDeps {
  readonly view: ViewLoader;
  readonly roomRouting: RoomRouting;
}

/** The messages with their comets, or with the one named; one that is not in the fleet has no addresses. Throws `FLEET_UNKNOWN` and the stores' errors. */
export type Routing = (messages: readonly PushMessage[], only?: string) => Promise<Routed[]>;

/** Those that the table can hold: any other goes to every comet, as one that nobody has. */
const roomsOf = (messages: readonly PushMessage[], routing: RoomRouting): Set<string> => {
  const rooms = new Set<string>();
  if (routing === 'all') return rooms;
  for (const { target } of messages) if (target.type === 'room') rooms.add(target.room);
  return new Set([...rooms].filter(isRoomKey));
};

/** Of an op for nobody it would be said that it is delivered. */
const noComets = (): ServiceError =>
  new ServiceError('FLEET_UNKNOWN', 'The fleet has no live comet', { retryable: true });

const routedOf = (messages: readonly PushMessage[], routes: readonly Route[]): Routed[] => {
  const missingById = new Map<string, readonly Comet[]>();
  const missing = (id: string): readonly Comet[] => {
    const comets = missingById.get(id) ?? [{ id, addresses: [] }];
    missingById.set(id, comets);
    return comets;
  };
  const cometsOf = (route: Route): readonly Comet[] => {
    switch (route.kind) {
      case 'comets':
        return route.comets;
      case 'comet-unknown':
        return missing(route.comet);
      case 'fleet-unknown':
        throw noComets();
    }
  };
  return messages.map((message, index) => ({ message, comets: cometsOf(routes[index] as Route) }));
};

/** Routes a batch by one view; what the cached one does not know is looked for in a fresh one. */
export const createRouting =
  ({ view, roomRouting }: RoutingDeps): Routing =>
  async (messages, only) => {
    if (messages.length === 0) return [];
    const rooms = roomsOf(messages, roomRouting);
    const routeAll = async (afresh: boolean): Promise<Route[]> => {
      const route = createRouter(await view.load(rooms, { afresh }), roomRouting);
      return messages.map(({ target }) =>
        route(only === undefined ? target : { type: 'push', comet: only, keys: [] }),
      );
    };
    const routes = await routeAll(false);
    const isKnown = routes.every(({ kind }) => kind === 'comets');
    return routedOf(messages, isKnown ? routes : await routeAll(true));
  };
