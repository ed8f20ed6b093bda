import { expect, test } from 'vitest';
import { type Batches, batchesOf } from '../../../bench/cost/batches.ts';
import { dynamoDbUnits } from '../../../bench/cost/dynamodb-units.ts';
import { roomReadUnits } from '../../../bench/room-reads.ts';
import { FIGURES, set } from './set.ts';

const EIGHT_BUSY: Batches = {
  records: 1000,
  perS: 800,
  everyS: 0.01,
  sandboxes: 8,
  partitionsNeeded: 8,
  comets: 2,
  dispatchS: 0.01,
  deliverS: 0.01,
};

test.each([
  { rooms: 100, sandboxes: 8, changesPerS: 0 },
  { rooms: 100, sandboxes: 8, changesPerS: 10 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 100 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 1_000 },
])(
  '$rooms rooms of which $changesPerS change a second are read as the view’s own code reads them',
  async (load) => {
    const { rooms, changesPerS: roomChanges } = load;
    const workload = set({ comets: 2, connections: 1_000_000, rooms, roomChanges, room: 1_000_000 });
    const { headerReads, roomReads } = dynamoDbUnits(workload, EIGHT_BUSY);
    const read = await roomReadUnits(load);
    // A header is used until the batch after its end, which the model leaves out.
    expect(roomReads + headerReads).toBeGreaterThanOrEqual(0.99 * read);
    expect(roomReads + headerReads).toBeLessThan(1.06 * read);
  },
);

test('idle, the merge writes its header and its lease each second, and looks each 5 s', () => {
  const workload = set({ push: 0 });
  expect(dynamoDbUnits(workload, batchesOf(FIGURES, workload))).toEqual({
    headerReads: 0,
    roomReads: 0,
    markReads: 0,
    mergeReads: 0.2,
    mergeWrites: 2,
  });
});

test('the header of 1,000 comets is 3 units to read and 12 to write', () => {
  const workload = set({ comets: 1_000, push: 1 });
  const { headerReads, mergeWrites } = dynamoDbUnits(workload, { ...EIGHT_BUSY, everyS: 1 });
  expect(headerReads).toBe(8 * 3);
  expect(mergeWrites).toBe(12 + 1);
});

test('a batch asks for each of its partitions who is behind', () => {
  const workload = set({ push: 1_000, partitions: 16 });
  expect(dynamoDbUnits(workload, EIGHT_BUSY).markReads).toBeCloseTo(800 * 2, 6);
});

test('rooms that take more memory than the view has are read again with each header', () => {
  const workload = set({ comets: 1_000, connections: 10_000_000, rooms: 1_000, room: 800 });
  // 100 messages of a sandbox a second, nearly each to a room that it has not met since the last header; an item of 12 KB is 3 units.
  const { roomReads } = dynamoDbUnits(workload, EIGHT_BUSY);
  expect(roomReads / 8 / 3).toBeGreaterThan(98);
  expect(roomReads / 8 / 3).toBeLessThan(100);
});
