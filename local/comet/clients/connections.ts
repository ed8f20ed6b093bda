import type { Op } from '../../../lib/domain/op.ts';

/** One client that has authenticated. */
export interface Connection {
  readonly key: string;
  /** Empty: in no room. Only the registry changes it. */
  room: string;
  /** The operations that pushes and broadcasts may have. */
  readonly accepts: Set<number>;
  /** Takes one encoded packet; false if the client reads too slowly, and then the packet is dropped, as goim does. */
  send(packet: Uint8Array): boolean;
  close(reason: string): void;
}

/** What was handed to connections since the start, by op type, and what slow connections did not take. */
export type DeliveredCounts = Record<Op['type'] | 'slow', number>;

/** The state of a comet, and the way of an encoded packet to its connections; it knows no wire. */
export interface Connections {
  /** An older connection of the same key is closed. */
  add(connection: Connection): void;
  remove(connection: Connection): void;
  changeRoom(connection: Connection, room: string): void;
  onlineIn(room: string): number;
  /** The rooms with at least one connection, sorted. */
  rooms(): string[];
  /** Resolves when a room comes or goes. */
  roomsChange(): Promise<void>;
  /** Of every connection. */
  keys(): string[];
  /** To the connections of these keys that accept the operation, in v1, undefined, to all of them; false if any of them does not take it. */
  push(keys: readonly string[], operation: number | undefined, packet: Uint8Array): boolean;
  /** To every connection in the room, whatever it accepts. */
  toRoom(room: string, packet: Uint8Array): void;
  /** To every connection that accepts the operation, or to those of them whose key is meant. */
  toAll(operation: number | undefined, packet: Uint8Array, isMeant?: (key: string) => boolean): void;
  readonly delivered: Readonly<DeliveredCounts>;
}

const createRooms = () => {
  const membersByRoom = new Map<string, Set<Connection>>();
  let change = Promise.withResolvers<void>();
  const changed = (): void => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  return {
    change: () => change.promise,
    names: () => [...membersByRoom.keys()].sort(),
    members: (room: string): ReadonlySet<Connection> => membersByRoom.get(room) ?? new Set(),
    enter: (connection: Connection) => {
      const { room } = connection;
      if (room === '') return;
      const members = membersByRoom.get(room) ?? new Set();
      membersByRoom.set(room, members.add(connection));
      if (members.size === 1) changed();
    },
    leave: (connection: Connection) => {
      const members = membersByRoom.get(connection.room);
      members?.delete(connection);
      if (members?.size === 0 && membersByRoom.delete(connection.room)) changed();
    },
  };
};

const createSender = () => {
  const delivered: DeliveredCounts = { push: 0, room: 0, all: 0, slow: 0 };
  const send = (type: Op['type'], connections: Iterable<Connection>, packet: Uint8Array): boolean => {
    const slowBefore = delivered.slow;
    for (const connection of connections) delivered[connection.send(packet) ? type : 'slow'] += 1;
    return delivered.slow === slowBefore;
  };
  return { delivered, send };
};

const accepting = (connections: readonly Connection[], operation: number | undefined): Connection[] =>
  connections.filter(({ accepts }) => operation === undefined || accepts.has(operation));

export const createConnections = (): Connections => {
  const byKey = new Map<string, Connection>();
  const rooms = createRooms();
  const { delivered, send } = createSender();
  const remove = (connection: Connection) => {
    rooms.leave(connection);
    if (byKey.get(connection.key) === connection) byKey.delete(connection.key);
  };
  return {
    add: (connection) => {
      const older = byKey.get(connection.key);
      if (older !== undefined) {
        remove(older);
        older.close('the key has connected again');
      }
      byKey.set(connection.key, connection);
      rooms.enter(connection);
    },
    remove,
    changeRoom: (connection, room) => {
      rooms.leave(connection);
      connection.room = room;
      rooms.enter(connection);
    },
    onlineIn: (room) => rooms.members(room).size,
    rooms: rooms.names,
    roomsChange: rooms.change,
    keys: () => [...byKey.keys()],
    push: (keys, operation, packet) => {
      const named = keys.map((key) => byKey.get(key)).filter((connection) => connection !== undefined);
      return send('push', accepting(named, operation), packet);
    },
    toRoom: (room, packet) => {
      send('room', rooms.members(room), packet);
    },
    toAll: (operation, packet, isMeant = () => true) => {
      const meant = [...byKey.values()].filter(({ key }) => isMeant(key));
      send('all', accepting(meant, operation), packet);
    },
    delivered,
  };
};
