import { positive, positiveWhole, readArguments, UsageError } from '../../local/commands/arguments.ts';
import type { Workload } from './workload.ts';

export const USAGE = `npm run cost -- [--connections 1000000 --room 1000 --comets 100 …]
What a set costs a month, how large it gets and what it adds to a message's way, worked out from AWS's list prices, the figures of this
checkout's last npm run bench, and what is assumed; docs/cost.md has the same for several sets, and what is left out.
  --connections <n>   (100000) clients, all the time, each in one room; at most 10 million
  --comets <n>        (20) at most 1,000
  --push <n>          (800) messages a second to one connection
  --room <n>          (190) messages a second to a room
  --all <n>           (0) messages a second to everybody; may be below 1
  --rooms <n>         (1000) that messages go to; at most 1 million
  --room-changes <n>  (10) how often a second a comet gets a room's first member, or loses its last
  --partitions <n>    (20) of the topic
  --sandboxes <n>     (4) dispatch that Lambda runs beside each other: at most one a partition, and more than this if needed
  --window <s>        (0.5) seconds to gather a batch, 0 to 300
  --delivery <way>    (invoke) or inline
  --write             instead: makes docs/cost.md, of the figures in the repository`;

const MAX_CONNECTIONS = 10_000_000;
const MAX_COMETS = 1_000;
const MAX_MESSAGES_PER_S = 1_000_000;
const MAX_ROOMS = 1_000_000;
const MAX_ROOM_CHANGES_PER_S = 10_000;
const MAX_PARTITIONS = 10_000;
const MAX_WINDOW_S = 300;

const OPTIONS = {
  connections: { type: 'string', default: '100000' },
  comets: { type: 'string', default: '20' },
  push: { type: 'string', default: '800' },
  room: { type: 'string', default: '190' },
  all: { type: 'string', default: '0' },
  rooms: { type: 'string', default: '1000' },
  'room-changes': { type: 'string', default: '10' },
  partitions: { type: 'string', default: '20' },
  sandboxes: { type: 'string', default: '4' },
  window: { type: 'string', default: '0.5' },
  delivery: { type: 'string', default: 'invoke' },
  write: { type: 'boolean', default: false },
} as const;

const atMost = (name: string, number: number, most: number): number => {
  if (number > most) throw new UsageError(`--${name} is above ${most}: ${number}`);
  return number;
};

const deliveryOf = (text: string): Workload['delivery'] => {
  if (text !== 'invoke' && text !== 'inline')
    throw new UsageError(`--delivery is neither invoke nor inline: ${text}`);
  return text;
};

/** The workload, or that the page is to be made. Throws a `UsageError`. */
export const readOptions = (args: readonly string[]): Workload | 'write' => {
  const { values } = readArguments(args, OPTIONS);
  type Count = Exclude<keyof typeof values, 'write' | 'delivery'>;
  const whole = (name: Count, most: number): number =>
    atMost(name, positiveWhole(`--${name}`, values[name]), most);
  const orNone = (name: Count, most: number): number =>
    Number(values[name]) === 0 && values[name].trim() !== ''
      ? 0
      : atMost(name, positive(`--${name}`, values[name]), most);
  const partitions = whole('partitions', MAX_PARTITIONS);
  const workload: Workload = {
    connections: whole('connections', MAX_CONNECTIONS),
    comets: whole('comets', MAX_COMETS),
    push: orNone('push', MAX_MESSAGES_PER_S),
    room: orNone('room', MAX_MESSAGES_PER_S),
    all: orNone('all', MAX_MESSAGES_PER_S),
    rooms: whole('rooms', MAX_ROOMS),
    roomChanges: orNone('room-changes', MAX_ROOM_CHANGES_PER_S),
    partitions,
    sandboxes: Math.min(whole('sandboxes', MAX_PARTITIONS), partitions),
    windowS: orNone('window', MAX_WINDOW_S),
    delivery: deliveryOf(values.delivery),
  };
  return values.write ? 'write' : workload;
};
