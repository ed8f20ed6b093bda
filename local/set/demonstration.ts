import { produceTo } from '../commands/produce.ts';
import { encodeV1, encodeV2, type PushRecord } from '../commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../goim-client/client.ts';

export interface ClientAddress {
  readonly id: string;
  readonly clientUrl: string;
}

/** Connected clients, one push of each kind to them, and their end. */
export interface Demonstration {
  /** Rejects with what did not arrive, or arrived where it should not. */
  show(options: DemonstrationOptions): Promise<void>;
  close(): Promise<void>;
}

export interface DemonstrationOptions {
  readonly topicUrl: string;
  readonly topicName: string;
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

const ROOM = 'live://demo';
/** goim v1's rooms are numbers, and a comet of v1 has no others. Nobody else is in it: a room's first member on a comet is seen after some seconds only. */
const V1_ROOM = '900001';
const OPERATION = 1000;
/** What v1's messages always have. */
const V1_OPERATION = 5;

const CLIENTS = [
  { key: 'demo-1', comet: 'comet-1', roomId: ROOM },
  { key: 'demo-2', comet: 'comet-2', roomId: ROOM },
  { key: 'demo-3', comet: 'comet-2', roomId: V1_ROOM },
  { key: 'demo-4', comet: '3', roomId: V1_ROOM, version: 0 },
] as const;
type Key = (typeof CLIENTS)[number]['key'];

interface Case {
  readonly name: string;
  readonly to: readonly Key[];
  readonly record: (body: Buffer) => PushRecord;
}

const CASES: readonly Case[] = [
  {
    name: 'keys: demo-1 on comet-1',
    to: ['demo-1'],
    record: (body) =>
      encodeV2({ target: { type: 'push', comet: 'comet-1', keys: ['demo-1'] }, operation: OPERATION, body }),
  },
  {
    name: `room: ${ROOM}`,
    to: ['demo-1', 'demo-2'],
    record: (body) => encodeV2({ target: { type: 'room', room: ROOM }, operation: OPERATION, body }),
  },
  {
    name: 'all',
    to: ['demo-1', 'demo-2', 'demo-3', 'demo-4'],
    record: (body) => encodeV2({ target: { type: 'all', speed: 0 }, operation: OPERATION, body }),
  },
  {
    name: `room: ${V1_ROOM}, goim v1's format`,
    to: ['demo-3', 'demo-4'],
    record: (body) => encodeV1({ target: { type: 'room', room: V1_ROOM }, body }),
  },
  {
    name: "keys: demo-4 on 3, goim v1's format",
    to: ['demo-4'],
    record: (body) => encodeV1({ target: { type: 'push', comet: '3', keys: ['demo-4'] }, body }),
  },
];

const bodyOf = (index: number): string => JSON.stringify({ demonstration: index + 1 });

/** When the body came; a batch that came twice may have brought others before it. */
const arrival = async (client: GoimClient, body: string, timeoutMs: number): Promise<number | undefined> => {
  const endsAt = Date.now() + timeoutMs;
  try {
    for (let count = 1; ; count += 1) {
      const messages = await client.waitForMessages(count, Math.max(0, endsAt - Date.now()));
      const found = messages.find((message) => message.body.toString() === body);
      if (found !== undefined) return found.receivedAt;
    }
  } catch {
    return undefined;
  }
};

const connectAll = async (comets: readonly ClientAddress[]): Promise<Map<Key, GoimClient>> => {
  const urls = new Map(comets.map(({ id, clientUrl }) => [id, clientUrl]));
  const connections = CLIENTS.map(async ({ key, comet, roomId, ...packets }) => {
    const url = urls.get(comet) ?? '';
    const client = await connectGoimClient({
      url,
      key,
      roomId,
      accepts: [OPERATION, V1_OPERATION],
      ...packets,
    });
    return [key, client] as const;
  });
  return new Map(await Promise.all(connections));
};

const strays = (clients: ReadonlyMap<Key, GoimClient>): string[] =>
  [...clients].flatMap(([key, { messages }]) => {
    const own = new Set(CASES.flatMap(({ to }, index) => (to.includes(key) ? [bodyOf(index)] : [])));
    return messages.some(({ body }) => !own.has(body.toString())) ? [key] : [];
  });

const showCase = async (
  { name, to, record }: Case,
  index: number,
  clients: ReadonlyMap<Key, GoimClient>,
  { topicUrl, topicName, timeoutMs, log }: DemonstrationOptions,
): Promise<void> => {
  const body = bodyOf(index);
  const sentAt = Date.now();
  await produceTo(topicUrl, topicName, [record(Buffer.from(body))]);
  const arrivals = await Promise.all(
    to.map(async (key) => {
      const client = clients.get(key);
      const at = client && (await arrival(client, body, timeoutMs));
      return { key, at };
    }),
  );
  const missing = arrivals.filter(({ at }) => at === undefined).map(({ key }) => key);
  if (missing.length > 0) {
    throw new Error(`the push to ${name} did not reach ${missing.join(' and ')} within ${timeoutMs} ms`);
  }
  const reached = arrivals.map(({ key, at = sentAt }) => `${key} after ${at - sentAt} ms`);
  log(`  to ${name.padEnd(35)} reached ${reached.join(', ')}`);
};

/** Connects the clients. Before the first merge: a room list that knows some of them and not others would be fresh, and wrong. */
export const prepareDemonstration = async (comets: readonly ClientAddress[]): Promise<Demonstration> => {
  const clients = await connectAll(comets);
  return {
    show: async (options) => {
      for (const [index, one] of CASES.entries()) await showCase(one, index, clients, options);
      const wrong = strays(clients);
      if (wrong.length > 0) throw new Error(`${wrong.join(' and ')} received what was pushed to others`);
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
};
