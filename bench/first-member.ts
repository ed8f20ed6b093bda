import { setTimeout as sleep } from 'node:timers/promises';
import { openComet } from '../lib/comet/open.ts';
import { createViewLoader } from '../lib/dispatch/view.ts';
import type { FleetComet, FleetHeader } from '../lib/domain/fleet.ts';
import type { RoomItem } from '../lib/domain/room-servers.ts';
import { createRouter } from '../lib/domain/route.ts';
import type { Written } from '../lib/merge-rooms/fleet.ts';
import { createMergeRooms } from '../lib/merge-rooms/merge-rooms.ts';
import { startReferenceComet } from '../local/comet/reference-comet.ts';
import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { connectGoimClient } from '../local/goim-client/client.ts';
import { quantile } from './statistics.ts';

const USAGE = `npm run bench:first-member -- [--rounds N]
How long a room's first member on a comet waits until its messages are routed there: the real merge and view, comets over HTTP and
gRPC, tables in memory that answer after 10 ms. About 3 minutes.
  --rounds N  members of each wire (50)`;

const HOST = '127.0.0.1';
const TABLE_MS = 10;
/** Between two messages of the room. */
const MESSAGE_EVERY_MS = 5;
const LONGEST_MS = 15 * 60_000;

const createTables = () => {
  const comets = new Map<string, FleetComet>();
  const items = new Map<string, RoomItem>();
  let header: FleetHeader | undefined;
  const all = async (count: number, write: () => void): Promise<Written> => {
    await sleep(TABLE_MS);
    write();
    return { statuses: Array.from({ length: count }, () => 'written' as const), failure: undefined };
  };
  return {
    readHeader: () => sleep(TABLE_MS, header),
    readComets: () => sleep(TABLE_MS, [...comets.values()]),
    writeComets: (changes: readonly { id: string; comet: FleetComet | undefined }[]) =>
      all(changes.length, () => {
        for (const { id, comet } of changes) if (comet !== undefined) comets.set(id, comet);
      }),
    writeHeader: async (next: FleetHeader) => {
      await sleep(TABLE_MS);
      header = next;
      return true;
    },
    scan: async function* () {
      yield [...items.values()];
    },
    readRooms: async (rooms: readonly string[]) => {
      await sleep(TABLE_MS);
      const found = rooms.flatMap((room) => items.get(room) ?? []);
      return new Map(found.map(({ room, comets: ids }) => [room, new Set(ids)]));
    },
    writeRooms: (written: readonly RoomItem[]) =>
      all(written.length, () => {
        for (const item of written) items.set(item.room, item);
      }),
  };
};
type Tables = ReturnType<typeof createTables>;

/** Merges until the process ends. */
const merge = (tables: Tables, comets: readonly FleetComet[]): void => {
  const quiet = () => {};
  const end = createMergeRooms({
    fleet: tables,
    rooms: tables,
    leases: {
      read: async () => undefined,
      acquire: async () => true,
      renew: async () => ({ woken: [], isAsked: false }),
      ask: async () => true,
      giveUp: async () => true,
      release: async () => true,
    },
    registry: { query: {}, comets: async () => ({ comets, refused: [] }) },
    sweep: async () => 0,
    openComet,
    clock: { now: Date.now, sleep: async (ms) => sleep(ms) },
    owner: () => 'bench',
    fingerprint: '',
    log: { info: quiet, warn: quiet, error: quiet, metric: quiet, flush: quiet },
  })({ endsAt: Date.now() + LONGEST_MS });
  end.catch((error: unknown) => {
    throw error;
  });
};

/** Asks until the room goes to just these comets, and answers how long that took. */
const untilRouted = async (
  view: ReturnType<typeof createViewLoader>,
  room: string,
  wanted: string,
): Promise<number> => {
  const startedAt = performance.now();
  for (;;) {
    const route = createRouter(await view.load(new Set([room])), 'table')({ type: 'room', room });
    if (route.kind === 'comets' && route.comets.map(({ id }) => id).join() === wanted)
      return performance.now() - startedAt;
    await sleep(MESSAGE_EVERY_MS);
  }
};

const measure = async (wire: 'http' | 'grpc', rounds: number): Promise<number[]> => {
  const started = await Promise.all(
    ['a', 'b'].map((id) => startReferenceComet({ id, host: HOST, clientPort: 0, apiPort: 0, grpcPort: 0 })),
  );
  const urls = started.map(({ apiUrl, grpcUrl = '' }) => (wire === 'http' ? apiUrl : grpcUrl));
  const tables = createTables();
  merge(
    tables,
    started.map(({ id }, i) => ({ id, addresses: [urls[i] ?? ''] })),
  );
  const client = (comet: number, key: string, roomId: string) =>
    connectGoimClient({ url: started[comet]?.clientUrl ?? '', key, roomId, accepts: [] });
  await sleep(2_000);
  const view = createViewLoader(tables, Date.now);
  const moving = await client(1, 'moving', '');
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const room = `live://${round}`;
    await client(0, `there-${round}`, room);
    await untilRouted(view, room, 'a');
    await sleep(Math.random() * 1_000);
    await moving.changeRoom(room);
    took.push(await untilRouted(view, room, 'a,b'));
  }
  return took.sort((a, b) => a - b);
};

await runCommand(USAGE, async (args) => {
  const { values } = readArguments(args, { rounds: { type: 'string', default: '50' } });
  const rounds = positiveWhole('--rounds', values.rounds);
  console.log('| a room’s first member on a comet | p50, ms | p99, ms | longest, ms |\n|---|---|---|---|');
  for (const wire of ['http', 'grpc'] as const) {
    const took = await measure(wire, rounds);
    const cells = [0.5, 0.99, 1].map((share) => quantile(took, share).toFixed(0));
    console.log(`| ${wire} | ${cells.join(' | ')} |`);
  }
  process.exit();
});
