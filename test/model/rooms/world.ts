import type { FleetComet, FleetHeader } from '../../../lib/domain/fleet.ts';
import { CLOCK_MARGIN_MS, ROOMS_FRESH_MS } from '../../../lib/domain/limits.ts';
import type { RoomItem } from '../../../lib/domain/room-servers.ts';
import type { View } from '../../../lib/domain/route.ts';
import { createRouter } from '../../../lib/domain/route.ts';
import type { World } from '../lease/world.ts';

/** A protection that is taken out, to see that its absence is found. */
export const BROKEN_ROOMS = [
  'changes-unnamed',
  'only-last-pass-named',
  'doubt-unnamed',
  'unnamed-kept',
  'hand-over-kept',
  'header-before-rooms',
  'unseen-write',
  'read-before-header',
  'eventual-read',
  'header-for-ever',
  'two-merges',
] as const;
export type BrokenRooms = (typeof BROKEN_ROOMS)[number];

export const COMETS: readonly FleetComet[] = ['a', 'b', 'c'].map((id) => ({
  id,
  addresses: [`http://${id}`],
}));
/** The long ones together have more names than a header holds. */
export const ROOMS: readonly string[] = ['r1', 'r2', 'r3', ...['4', '5', '6'].map((n) => n.repeat(1_100))];

export const shortOf = (room: string): string => room.slice(0, 2);

/** The lists that a merge had when it made a header. */
export type Lists = ReadonlyMap<string, ReadonlySet<string>>;

/** The tables of a fleet, and who is on which comet in truth. */
export interface RoomsWorld {
  readonly calls: World;
  readonly broken: BrokenRooms | undefined;
  /** Who the registry names. */
  named: readonly FleetComet[];
  readonly comets: Map<string, FleetComet>;
  readonly items: Map<string, RoomItem>;
  /** What an item was before its last change, and when that was. */
  readonly formerly: Map<string, { readonly item: RoomItem | undefined; readonly until: number }>;
  /** When each comet has last left the fleet. */
  readonly leftAt: Map<string, number>;
  header: FleetHeader | undefined;
  /** By the very set of a header: it is the view's as long as the header is recent. */
  readonly listsByFresh: WeakMap<ReadonlySet<string>, Lists>;
  /** Since when a comet has a member of a room, by comet and room. */
  readonly joinedAt: Map<string, number>;
}

export const memberOf = (comet: string, room: string): string => `${comet} ${room}`;

export const roomsOn = ({ joinedAt }: RoomsWorld, comet: string): Set<string> =>
  new Set(ROOMS.filter((room) => joinedAt.has(memberOf(comet, room))));

export const putRoom = ({ items, formerly, calls }: RoomsWorld, item: RoomItem): void => {
  calls.steps.push(`  ${shortOf(item.room)} is on ${item.comets}`);
  formerly.set(item.room, { item: items.get(item.room), until: calls.now });
  if (item.comets.length === 0) items.delete(item.room);
  else items.set(item.room, item);
};

/** As the table's condition has it. */
export const putHeader = (world: RoomsWorld, header: FleetHeader): boolean => {
  const before = world.header?.mergedAt ?? 0;
  if (before >= header.mergedAt && before <= header.mergedAt + CLOCK_MARGIN_MS) return false;
  world.calls.steps.push(
    `  header of pass ${header.changes?.pass}: fresh are ${[...header.fresh]}, changed ${[...(header.changes?.roomsByPass ?? [])].map(([pass, rooms]) => `${pass}: ${rooms.map(shortOf)}`).join('; ')}, since ${header.changes?.since}`,
  );
  world.header = header;
  return true;
};

/** Two lists' ages, and clocks that differ. */
const LONGEST_UNSEEN_MS = 2 * ROOMS_FRESH_MS + 2 * CLOCK_MARGIN_MS;

/** It is missed as a later header will have it. */
const hasJustLeft = ({ leftAt, calls }: RoomsWorld, comet: string): boolean =>
  calls.now - (leftAt.get(comet) ?? 0) <= ROOMS_FRESH_MS + CLOCK_MARGIN_MS;

const problemOf = (world: RoomsWorld, view: View, comet: string, room: string): string | undefined => {
  if (hasJustLeft(world, comet)) return undefined;
  if (world.listsByFresh.get(view.fresh)?.get(comet)?.has(room)) return 'which its fresh list has';
  const joinedAt = world.joinedAt.get(memberOf(comet, room)) ?? world.calls.now;
  return world.calls.now - joinedAt > LONGEST_UNSEEN_MS ? 'which it has had for too long' : undefined;
};

/** A comet may be skipped for a room only if the list that made it fresh has not the room, and is not old. */
export const checkRoute = (world: RoomsWorld, view: View, room: string): void => {
  const route = createRouter(view, 'table')({ type: 'room', room });
  if (route.kind !== 'comets') return;
  const sentTo = new Set(route.comets.map(({ id }) => id));
  for (const comet of view.comets.keys()) {
    const problem = sentTo.has(comet) ? undefined : problemOf(world, view, comet, room);
    if (problem !== undefined)
      world.calls.violation ??= `${comet} is skipped for ${shortOf(room)}, ${problem}`;
  }
};
