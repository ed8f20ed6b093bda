/** What a team knows of its traffic before it adopts; rates are means. */
export interface Workload {
  /** Clients, all the time; each in one room. */
  readonly connections: number;
  readonly comets: number;
  /** Messages a second by kind; a PUSH is to one connection. */
  readonly push: number;
  readonly room: number;
  readonly all: number;
  /** That ROOM messages go to, each as often. */
  readonly rooms: number;
  /** How often a second a comet gets a room's first member, or loses its last. */
  readonly roomChanges: number;
  readonly partitions: number;
  /** `dispatch` that work beside each other: each reads its share of the partitions. */
  readonly sandboxes: number;
  readonly windowS: number;
  readonly delivery: 'invoke' | 'inline';
}

export const recordsPerS = ({ push, room, all }: Workload): number => push + room + all;

/** Comets with a member of a room, if connections choose room and comet at random. */
export const cometsOfRoom = ({ connections, comets, rooms }: Workload): number =>
  comets * (1 - (1 - 1 / comets) ** (connections / rooms));

/** From records to ops, one a comet that gets it. */
export const opsPerS = (workload: Workload): number =>
  workload.push + workload.room * cometsOfRoom(workload) + workload.all * workload.comets;

/** What arrives at clients. */
export const clientMessagesPerS = ({ push, room, all, connections, rooms }: Workload): number =>
  push + room * (connections / rooms) + all * connections;

/** How many of `total` are met by a batch in which each record meets `share` of them. */
export const distinct = (total: number, share: number, records: number): number =>
  total * (1 - (1 - share) * Math.exp(-(records - 1) * share));
