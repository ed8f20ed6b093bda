import type { Random } from '../random.ts';

/** A connection: on one comet, in a room. */
export interface Seat {
  readonly key: string;
  readonly comet: string;
  /** Where it begins; only roamers leave it. */
  readonly room: string;
  readonly roams: boolean;
}

/** goim v1 has integers for ids. */
export const COMET_IDS = ['101', '102', '103', '104'] as const;
/** Never in the fleet. */
export const GHOST_ID = '199';

export const OPERATION = 1000;
/** What goim v1's messages always have. */
const V1_OPERATION = 5;
export const ACCEPTS = [OPERATION, V1_OPERATION];

export const ROOMS = Array.from({ length: 16 }, (_, index) => String(2001 + index));
/** Nobody stays in these. */
export const ROAM_ROOMS = ['3001', '3002', '3003'];

const SEATS_A_COMET = 24;
const ROAMERS_A_COMET = 2;

/** Each room has members on one, two or three comets. */
export const makeSeats = (random: Random): Seat[] => {
  const cometsByRoom = new Map(
    ROOMS.map((room) => [room, random.shuffle(COMET_IDS).slice(0, random.int(1, 3))]),
  );
  return COMET_IDS.flatMap((comet) => {
    const rooms = ROOMS.filter((room) => cometsByRoom.get(room)?.includes(comet));
    const stays = Array.from({ length: SEATS_A_COMET }, (_, index) => ({
      key: `${comet}-${index}`,
      comet,
      room: rooms[index % Math.max(1, rooms.length)] ?? (ROOMS[0] as string),
      roams: false,
    }));
    const roamers = Array.from({ length: ROAMERS_A_COMET }, (_, index) => ({
      key: `${comet}-roamer-${index}`,
      comet,
      room: random.pick(ROAM_ROOMS),
      roams: true,
    }));
    return [...stays, ...roamers];
  });
};
