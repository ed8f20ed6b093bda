import { createServer } from 'node:http';
import type { ConsoleDeps } from '../../console/server/app.ts';
import { startConsole } from '../../console/server/start.ts';
import type { DeadLetter } from '../../lib/domain/dead-letter.ts';
import type { FleetComet } from '../../lib/domain/fleet.ts';
import type { Op } from '../../lib/domain/op.ts';
import { coordinatesOf, opId, partitionName } from '../../lib/domain/push-message.ts';
import { createBehindWriter } from '../../lib/store/behind.ts';
import { createDeadLettersWriter } from '../../lib/store/dead-letters.ts';
import { createFleetTable } from '../../lib/store/fleet.ts';
import { createParkedTable } from '../../lib/store/parked.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { listenOn, shut } from '../../local/listening.ts';
import { connect } from '../../operate/connect.ts';
import { openStage, type Stage } from '../../operate/stage.ts';
import { openStatusTables } from '../../operate/status/tables.ts';
import { startTestTables } from '../tables.ts';

const WRITE_MS = 60_000;

export const opOf = (offset: number, body = '{"test":1}', more: Partial<Op> = {}): Op =>
  ({
    id: opId({ topic: 'goim-push-topic', partition: offset % 4, offset }),
    type: 'room',
    room: 'live://1000',
    operation: 1000,
    body: Buffer.from(body).toString('base64'),
    timestamp: Date.now(),
    ...more,
  }) as Op;

export const letterOf = (
  op: Op,
  comet = 'comet-1',
  reason: DeadLetter['reason'] = 'refused',
): DeadLetter => ({
  id: `${op.id}#${comet}#${reason}`,
  kind: 'op',
  reason,
  ...coordinatesOf(op.id),
  timestamp: op.timestamp,
  comet,
  original: JSON.stringify(op),
});

const writesTo = ({ db, name }: Stage) => {
  const fleet = createFleetTable(db, name('fleet'));
  const rooms = createRoomsTable(db, name('rooms'));
  const parked = createParkedTable(db, name('parked'));
  const behind = createBehindWriter(db, name('behind'));
  return {
    parked,
    /** Merged now, all but those that have left fresh. */
    putFleet: async (comets: readonly FleetComet[]) => {
      await fleet.writeComets(
        comets.map((comet) => ({ id: comet.id, comet })),
        WRITE_MS,
      );
      const now = Date.now();
      const fresh = new Set(comets.flatMap(({ id, leftAt }) => (leftAt === undefined ? [id] : [])));
      await fleet.writeHeader({ version: now, mergedAt: now, fleetAt: now, fresh, silent: new Set() });
    },
    putRooms: async (cometsByRoom: Readonly<Record<string, readonly string[]>>) => {
      const items = Object.entries(cometsByRoom).map(([room, comets]) => ({
        room,
        comets,
        expiresAt: 2 ** 40,
      }));
      await rooms.writeRooms(items, WRITE_MS);
    },
    /** All of one partition. */
    park: async (comet: string, ops: readonly [Op, ...Op[]], parkedAt = Date.now()) => {
      const { offset, ...place } = coordinatesOf(ops[0].id);
      const partition = partitionName(place);
      const run = `${String(offset).padStart(20, '0')}#${comet}`;
      await parked.put([{ comet, partition, run, parkedAt, replayed: false, ops }]);
      await behind.raise({ partition, comet, parkedThrough: offset, token: run }, true);
    },
    putLetters: (letters: readonly DeadLetter[], diedAt = Date.now()) =>
      createDeadLettersWriter(db, name('dead-letters'), () => diedAt).write(letters),
  };
};

/** Lambda, which takes everything and does nothing. */
const startLambda = async () => {
  const invoked: string[] = [];
  const server = createServer((request, response) => {
    invoked.push(request.url?.split('/')[3] ?? '');
    request.resume().on('end', () => response.writeHead(202).end());
  });
  return { invoked, port: await listenOn(server, '127.0.0.1', 0), close: () => shut(server) };
};

/** The console as for a stage, over tables of its own. */
export const startConsoleRig = async (more: Partial<ConsoleDeps> = {}) => {
  const tables = await startTestTables();
  const lambda = await startLambda();
  const ports = { tables: Number(new URL(tables.endpoint).port), lambda: lambda.port };
  const stage = openStage({ stage: 'dev', ports });
  const console = await startConsole({
    about: { name: 'dev', isLocal: false, canChange: false },
    tables: openStatusTables(stage),
    // Nobody redelivers here.
    connect: (terminal) => ({ ...connect(stage, terminal), patienceMs: 0 }),
    now: Date.now,
    port: 0,
    ...more,
  });
  const { hash, origin } = new URL(console.url);
  const token = hash.replace('#token=', '');
  return {
    url: console.url,
    origin,
    token,
    db: stage.db,
    invoked: lambda.invoked,
    ...writesTo(stage),
    /** Of what is under `/api/`; with a body it is a change. */
    ask: async <T>(path: string, body?: object) => {
      const change = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${origin}/api/${path}`, { headers, ...change });
      return { status: response.status, answer: (await response.json()) as T };
    },
    close: async () => {
      await console.close();
      stage.close();
      await lambda.close();
      await tables.close();
    },
  };
};

export type ConsoleRig = Awaited<ReturnType<typeof startConsoleRig>>;
