import type { CometClient } from '../lib/comet/client.ts';
import { openComet } from '../lib/comet/open.ts';
import { MAX_ROOM_WRITES, MERGE_END_MS, MERGE_INTERVAL_MS } from '../lib/domain/limits.ts';
import { createMergeRooms } from '../lib/merge-rooms/merge-rooms.ts';
import { createStaticRegistry } from '../lib/registry/static.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';

const COMETS = ['comet-1', 'comet-2', 'comet-3'];

/** Each room on one comet; a list is parsed from JSON, as a comet's answer is. */
const listOf = (comet: number, rooms: number): string =>
  JSON.stringify(
    Array.from(
      { length: Math.ceil(rooms / COMETS.length) },
      (_, index) => `live://${index * COMETS.length + comet}`,
    ),
  );

const clientOf = (json: string): CometClient => {
  let list: ReadonlySet<string> | undefined;
  return {
    deliver: async () => [],
    rooms: async () => {
      list ??= new Set<string>(JSON.parse(json));
      return list;
    },
    close: () => {},
  };
};

const written = async (items: readonly unknown[]) => ({
  statuses: items.map(() => 'written' as const),
  failure: undefined,
});

/** `mergeRooms` on tables that take every write, from its start until every room is written; time passes at once. */
const main = async (): Promise<void> => {
  const rooms = Number(process.argv[2]);
  let now = Date.now();
  // What the deployed function has loaded beside its own code.
  const loaded = [openDynamoDb(), openComet({ id: 'comet-1', addresses: ['http://127.0.0.1:9'] })];
  const clients = new Map(COMETS.map((id, index) => [id, clientOf(listOf(index, rooms))]));
  const mergeRooms = createMergeRooms({
    fleet: {
      readHeader: async () => undefined,
      readComets: async () => [],
      writeComets: written,
      writeHeader: async () => true,
    },
    rooms: { scan: async function* () {}, readRooms: async () => new Map(), writeRooms: written },
    leases: {
      read: async () => undefined,
      acquire: async () => true,
      renew: async () => ({ woken: [], isAsked: false }),
      ask: async () => false,
      giveUp: async () => true,
      release: async () => true,
    },
    registry: createStaticRegistry(Object.fromEntries(COMETS.map((id) => [id, ['http://127.0.0.1:9']]))),
    sweep: async () => 0,
    openComet: ({ id }) => clients.get(id) ?? clientOf('[]'),
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    owner: () => 'bench',
    fingerprint: '',
    log: { info: () => {}, warn: () => {}, error: () => {}, metric: () => {}, flush: () => {} },
  });
  const passes = Math.ceil(rooms / MAX_ROOM_WRITES) + 3;
  await mergeRooms({ endsAt: now + MERGE_END_MS + passes * MERGE_INTERVAL_MS });
  process.send?.(loaded.length > 0 ? process.resourceUsage().maxRSS / 1024 : 0);
};

process.on('disconnect', () => process.exit());
void main();
