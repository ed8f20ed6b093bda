import type { Lease } from '../../lib/domain/lease.ts';
import { plain } from '../../local/commands/plain.ts';
import type { PartitionLag } from '../../local/topic/topic.ts';
import { age } from '../dead-letters/lines.ts';
import type { CometStatus } from './fleet.ts';
import type { QueueStatus } from './parked.ts';
import type { Status } from './status.ts';

const ofPartition = ({ committed, end }: PartitionLag): number =>
  committed === undefined ? 0 : end - committed;

const lagLines = ({ lag }: Status): string[] => {
  if ('unknown' in lag) return [`lag: not known: ${plain(lag.unknown)}`];
  const behind = lag.partitions.filter((one) => ofPartition(one) > 0);
  const uncommitted = lag.partitions.filter(({ committed }) => committed === undefined).length;
  const records = behind.reduce((sum, one) => sum + ofPartition(one), 0);
  const never = uncommitted === 0 ? '' : `, ${uncommitted} not committed yet`;
  return [
    `lag: ${records} records of ${lag.topic}, on ${behind.length} of ${lag.partitions.length} partitions${never}`,
    ...behind.map(
      (one) => `${lag.topic}-${one.partition}\t${ofPartition(one)} records\tfrom offset ${one.committed}`,
    ),
  ];
};

const ago = (at: number | undefined, now: number): string =>
  at === undefined ? 'never' : `${age(now - at)} ago`;

/** With what it runs: another code or configuration has another fingerprint. */
const ownerOf = ({ owner, fingerprint }: Lease): string =>
  fingerprint === '' ? owner : `${owner} (${fingerprint.slice(0, 8)})`;

const stateOf = ({ leftAt, isFresh }: CometStatus, now: number): string => {
  if (leftAt !== undefined) return `left ${ago(leftAt, now)}`;
  return isFresh ? 'live, fresh' : 'live, rooms not fresh';
};

const fleetLine = ({ fleet, now }: Status): string => {
  const live = fleet.comets.filter(({ leftAt }) => leftAt === undefined);
  const fresh = live.filter(({ isFresh }) => isFresh).length;
  const by = fleet.merging === undefined ? 'nobody' : ownerOf(fleet.merging);
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
    owner === undefined ? 'nobody redelivers' : `redelivers: ${ownerOf(owner)}`,
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
  '',
  ...lagLines(status),
];
