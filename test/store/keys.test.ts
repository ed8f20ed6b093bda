import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opLetters, recordLetter } from '../../lib/domain/dead-letter.ts';
import { MAX_ID_BYTES } from '../../lib/domain/limits.ts';
import { opId } from '../../lib/domain/push-message.ts';
import { createBehindTable, createBehindWriter } from '../../lib/store/behind.ts';
import { partId } from '../../lib/store/dead-letter-item.ts';
import { createDeadLettersTable, createDeadLettersWriter } from '../../lib/store/dead-letters.ts';
import { createFleetComets, createFleetTable } from '../../lib/store/fleet.ts';
import { createParkedTable } from '../../lib/store/parked.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { tableNames } from '../../local/tables.ts';
import { toKeys, toRoom } from '../parking/ops.ts';
import { startTestTables, type TestTables } from '../tables.ts';
import { openTestDynamoDb } from './test-dynamodb.ts';

const NOW = 1_700_000_000_000;

/** Of servers and rooms, as a record may name them: what the tables' own keys are made of. */
const ODD = [
  'a',
  'a#t-0',
  'a#t-0#t-0',
  '#fleet',
  'fleet',
  'merge-rooms',
  'redeliver#a',
  'redeliver#redeliver#a',
  'malformed',
  'a#refused',
  'a#refused#refused',
  'a#part-1',
  '#part-1',
  'a#refused#part-1',
  '__proto__',
  'constructor',
  ' ',
  '\u0000',
  'é',
  'e\u0301',
  'x'.repeat(MAX_ID_BYTES),
];

describe('an id from outside names no item but its own', () => {
  let tables: TestTables;
  let client: ReturnType<typeof openTestDynamoDb>;
  const tableOf = (id: string): string => tableNames()[id] ?? '';
  beforeAll(async () => {
    tables = await startTestTables();
    client = openTestDynamoDb(tables.endpoint);
  });
  afterAll(() => {
    client.destroy();
    return tables.close();
  });

  it('in Fleet: the header is no comet, whoever asks for it', async () => {
    await createFleetTable(client, tableOf('FleetTable')).writeHeader({
      version: 1,
      mergedAt: NOW,
      fleetAt: NOW,
      fresh: new Set(['a']),
      silent: new Set(),
    });
    const fleet = createFleetComets(client, tableOf('FleetTable'));
    for (const id of ODD) expect(await fleet.readComet(id)).toBeUndefined();
  });

  it('in Parked and Behind: each comet has its own queue and mark', async () => {
    const parked = createParkedTable(client, tableOf('ParkedTable'));
    const writer = createBehindWriter(client, tableOf('BehindTable'));
    const behind = createBehindTable(client, tableOf('BehindTable'));
    const partition = 't-0';
    const runOf = (comet: string, at: number) => ({
      comet,
      partition,
      run: `${String(at).padStart(20, '0')}#r`,
      parkedAt: NOW,
      replayed: false,
      ops: [toRoom(at)],
    });
    const runs = ODD.map(runOf);
    await parked.put(runs);
    for (const [at, comet] of ODD.entries()) {
      await writer.raise({ comet, partition, parkedThrough: at, token: String(at) }, true);
    }
    for (const [at, comet] of ODD.entries()) {
      expect(await parked.read(comet, partition)).toEqual({ runs: [runs[at]], complete: true });
      expect(await behind.partitionsOf(comet)).toEqual([partition]);
      expect(await behind.readMark(partition, comet)).toMatchObject({ comet, parkedThrough: at });
    }
    expect((await writer.readPartition(partition)).map(({ comet }) => comet).sort()).toEqual(ODD.toSorted());
  });

  it('in Rooms: each room has its own servers', async () => {
    const rooms = createRoomsTable(client, tableOf('RoomsTable'));
    await rooms.writeRooms(
      ODD.map((room, at) => ({ room, comets: [`c${at}`], expiresAt: NOW })),
      5_000,
    );
    const found = await rooms.readRooms(ODD);
    for (const [at, room] of ODD.entries()) expect(found.get(room)).toEqual(new Set([`c${at}`]));
  });

  it('in DeadLetters: each letter and each of its parts is an item of its own', async () => {
    const body = Buffer.alloc(400_000, 'x').toString('base64');
    const ops = [{ ...toKeys(1, ['k']), body }, { ...toKeys(1, ['l']) }, { ...toRoom(2), body }];
    const dropped = [{ reason: 'refused' }, { reason: 'gone' }] as const;
    const record = { topic: 't', partition: 0, offset: 1, timestamp: NOW };
    const letters = [
      recordLetter({ ...record, malformed: 'value-empty', original: {} }),
      ...ODD.flatMap((comet) =>
        ops.flatMap((op) => dropped.flatMap((reason) => opLetters(op, comet, reason))),
      ),
    ];
    const ids = letters.flatMap(({ id }) => [id, ...[1, 2, 3].map((part) => partId(id, part))]);
    expect(new Set(ids).size).toBe(ids.length);
    await createDeadLettersWriter(client, tableOf('DeadLettersTable'), () => NOW).write(letters.slice(0, 40));
    const table = createDeadLettersTable(client, tableOf('DeadLettersTable'));
    const scanned: string[] = [];
    for await (const page of table.scan()) scanned.push(...page.map(({ id }) => id));
    expect(scanned.sort()).toEqual(
      letters
        .slice(0, 40)
        .map(({ id }) => id)
        .sort(),
    );
    const whole = await table.read(scanned);
    for (const letter of letters.slice(0, 40)) {
      expect(whole.get(letter.id)).toMatchObject({ original: letter.original });
      expect(letter.id.startsWith(opId(letter))).toBe(true);
    }
  });
});
