import type { DeadLetter } from '../../lib/domain/dead-letter.ts';
import { recordLetter } from '../../lib/domain/dead-letter.ts';
import { createDeadLettersWriter } from '../../lib/store/dead-letters.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetTable } from '../../lib/store/fleet.ts';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { type Case, expectCount, type MakeCases } from '../case.ts';
import { cometId, roomId } from '../events.ts';

const ROOMS = 100;
const LETTERS = 25;
const SEED_MS = 10_000;

const roomItem = (_: unknown, index: number) => ({
  room: roomId(index),
  comets: [cometId(index % 10), cometId((index + 1) % 10)],
  expiresAt: 2_000_000_000,
});

const letter = (_: unknown, offset: number): DeadLetter =>
  recordLetter({
    topic: 'goim-push-topic',
    partition: 0,
    offset,
    timestamp: Date.now(),
    malformed: 'protobuf-malformed',
    original: {
      key: 'a2V5LTAwMDAwMDAx',
      value: Buffer.alloc(100, 0xff).toString('base64'),
      headers: [],
    },
  });

const requestCase = (id: string, title: string, run: () => Promise<void>): Case => ({
  id,
  title,
  unit: 'request',
  units: 1,
  run,
});

export const makeCases: MakeCases = async ({ tables }) => {
  const nameOf = (id: string): string => tables[id] ?? '';
  const db = openDynamoDb();
  const fleet = createFleetTable(db, nameOf('FleetTable'));
  const rooms = createRoomsTable(db, nameOf('RoomsTable'));
  const deadLetters = createDeadLettersWriter(db, nameOf('DeadLettersTable'), Date.now);
  const names = Array.from({ length: ROOMS }, (_, index) => roomId(index));
  const letters = Array.from({ length: LETTERS }, letter);
  const fresh = new Set([cometId(0), cometId(1)]);
  await fleet.writeHeader({
    version: 1,
    mergedAt: Date.now(),
    fleetAt: Date.now(),
    fresh,
    silent: new Set(),
  });
  await rooms.writeRooms(Array.from({ length: ROOMS }, roomItem), SEED_MS);
  return [
    requestCase('dynamodb-header', 'DynamoDB: GetItem of the header', async () => {
      expectCount('version', (await fleet.readHeader())?.version ?? 0, 1);
    }),
    requestCase('dynamodb-rooms', `DynamoDB: BatchGet of ${ROOMS} rooms`, async () => {
      expectCount('rooms', (await rooms.readRooms(names)).size, ROOMS);
    }),
    requestCase('dynamodb-letters', `DynamoDB: BatchWrite of ${LETTERS} dead letters`, () =>
      deadLetters.write(letters),
    ),
  ];
};
