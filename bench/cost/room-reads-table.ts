import { type RoomReads, roomReadUnits } from '../room-reads.ts';
import { count } from './answer.ts';
import { table } from './markdown.ts';
import { dollars, MONTH_S, PRICE } from './prices.ts';

const ROOM_READS: readonly RoomReads[] = [
  { rooms: 100, sandboxes: 8, changesPerS: 0 },
  { rooms: 100, sandboxes: 8, changesPerS: 10 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 10 },
  { rooms: 1_000, sandboxes: 8, changesPerS: 1_000 },
];

/** Of the view's own code, not of the model. */
export const roomReadsTable = async (): Promise<string> => {
  const rows = ROOM_READS.map(async (load) => {
    const units = await roomReadUnits(load);
    const month = dollars(units * MONTH_S * PRICE.dynamoDbRead);
    return [count(load.rooms), count(load.changesPerS), count(units), month];
  });
  return table(['rooms', 'that change a second', 'read units a second', 'a month'], await Promise.all(rows));
};
