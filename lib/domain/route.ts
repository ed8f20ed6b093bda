import type { Comet } from './fleet.ts';
import type { Target } from './push-message.ts';

/** What routing knows at the moment. */
export interface View {
  /** The live comets, by id. */
  readonly comets: ReadonlyMap<string, Comet>;
  /** Comets whose room list is fresh: they alone may be skipped for a room. */
  readonly fresh: ReadonlySet<string>;
  /** The comets that have a room; rooms that nobody has are absent. */
  readonly cometsByRoom: ReadonlyMap<string, ReadonlySet<string>>;
}

export type RoomRouting = 'table' | 'all';

/** The comets one push message goes to, or why there is none. */
export type Route =
  | { readonly kind: 'comets'; readonly comets: readonly Comet[] }
  | { readonly kind: 'comet-unknown'; readonly comet: string }
  | { readonly kind: 'fleet-unknown' };

const FLEET_UNKNOWN: Route = { kind: 'fleet-unknown' };

const toComets = (comets: readonly Comet[]): Route =>
  comets.length === 0 ? FLEET_UNKNOWN : { kind: 'comets', comets };

/** A comet is skipped only if its fresh list says that the room is not there; a room that nobody has goes to all. */
const roomComets = (room: string, view: View): readonly Comet[] => {
  const all = [...view.comets.values()];
  const servers = view.cometsByRoom.get(room);
  if (servers === undefined) return all;
  const needed = all.filter(({ id }) => servers.has(id) || !view.fresh.has(id));
  return needed.length === 0 ? all : needed;
};

/** Routes the messages of one batch; what many of them share is worked out once. */
export const createRouter = (view: View, routing: RoomRouting): ((target: Target) => Route) => {
  const toAll = toComets([...view.comets.values()]);
  const routeByRoom = new Map<string, Route>();
  const routeByComet = new Map([...view.comets].map(([id, comet]) => [id, toComets([comet])]));
  const routeRoom = (room: string): Route => {
    const known = routeByRoom.get(room);
    if (known !== undefined) return known;
    const route = routing === 'all' ? toAll : toComets(roomComets(room, view));
    routeByRoom.set(room, route);
    return route;
  };
  return (target) => {
    switch (target.type) {
      case 'push':
        return routeByComet.get(target.comet) ?? { kind: 'comet-unknown', comet: target.comet };
      case 'room':
        return routeRoom(target.room);
      case 'all':
        return toAll;
    }
  };
};

/** Each comet's share of a broadcast's speed; 0 stays unlimited, and a share is never 0, which would be unlimited. */
export const speedShare = (speed: number, comets: number): number =>
  speed > 0 ? Math.max(1, Math.floor(speed / comets)) : 0;
