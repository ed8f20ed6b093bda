import { plain } from '../../local/commands/plain.ts';
import { age } from '../dead-letters/lines.ts';
import type { CometStatus } from './fleet.ts';
import type { QueueStatus } from './parked.ts';
import type { Status } from './status.ts';

const ago = (at: number | undefined, now: number): string =>
  at === undefined ? 'never' : `${age(now - at)} ago`;

const stateOf = ({ leftAt, isFresh }: CometStatus, now: number): string => {
  if (leftAt !== undefined) return `left ${ago(leftAt, now)}`;
  return isFresh ? 'live, fresh' : 'live, rooms not fresh';
};

const fleetLine = ({ fleet, now }: Status): string => {
  const live = fleet.comets.filter(({ leftAt }) => leftAt === undefined);
  const fresh = live.filter(({ isFresh }) => isFresh).length;
  const by = fleet.merging === undefined ? 'nobody' : fleet.merging.owner;
  return `${live.length} live, ${fresh} fresh, merged ${ago(fleet.mergedAt, now)}, merging: ${by}`;
};

const cometLine = (comet: CometStatus, { now, rooms }: Status): string => {
  const { id, addresses, behind } = comet;
  const count = rooms === undefined ? [] : [`${rooms.roomsByComet[id] ?? 0} rooms`];
  const late = behind.length === 0 ? '-' : `behind on ${behind.length}`;
  return [id, stateOf(comet, now), late, ...count, addresses.join(' ')].map(plain).join('\t');
};

const queueLine = (queue: QueueStatus, now: number): string => {
  const { comet, partition, ops, more, oldestAt, parkedThrough, owner, problem } = queue;
  return [
    comet,
    partition,
    problem ?? `${more ? 'over ' : ''}${ops} ops`,
    oldestAt === undefined ? '-' : `since ${age(now - oldestAt)}`,
    `through ${parkedThrough}`,
    owner === undefined ? 'nobody redelivers' : `redelivers: ${owner.owner}`,
  ]
    .map(plain)
    .join('\t');
};

const parkedLines = ({ parked, now }: Status): string[] => [
  ...parked.queues.map((queue) => queueLine(queue, now)),
  ...(parked.left === 0 ? [] : [`${parked.left} queues more`]),
];

const letterLines = ({ letters }: Status): string[] => [
  ...Object.entries(letters.countByReason)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([reason, count]) => `${count}\t${plain(reason)}`),
  ...(letters.broken === 0 ? [] : [`${letters.broken}\tcannot be read`]),
  ...(letters.isAll ? [] : ['and more than were read']),
];

const section = (title: string, lines: readonly string[]): string[] => [
  '',
  title,
  ...(lines.length === 0 ? ['none'] : lines),
];

/** A line a comet, a queue and a reason, with tabs between; neither body nor key. */
export const statusLines = (status: Status): string[] => [
  `fleet: ${fleetLine(status)}`,
  ...status.fleet.comets.map((comet) => cometLine(comet, status)),
  ...(status.rooms === undefined ? [] : section('rooms:', [String(status.rooms.rooms)])),
  ...section('parked:', parkedLines(status)),
  ...section('dead letters:', letterLines(status)),
];
