import type { Sender } from '../../lib/dispatch/fan-out.ts';
import { encodeDelivery } from '../../lib/domain/delivery-payload.ts';
import { DELIVERED, type Outcome } from '../../lib/domain/outcome.ts';
import { type Case, CONTEXT, expectCount, type MakeCases } from '../case.ts';
import { createDispatchHandler } from '../dispatch-handler.ts';
import { cometId, eventJson, makeComets, mixed, pushTo, roomId, roomOf, type TargetOf } from '../events.ts';
import { memoryFleet } from '../memory-fleet.ts';

const RECORD_BYTES = 100;
const ROOMS = 100;
const COMETS_OF_A_ROOM = 2;

/** Each room on two comets, next to each other. */
const cometsByRoom = (comets: number): Map<string, ReadonlySet<string>> =>
  new Map(
    Array.from({ length: ROOMS }, (_, room) => [
      roomId(room),
      new Set(Array.from({ length: COMETS_OF_A_ROOM }, (_, place) => cometId((room + place) % comets))),
    ]),
  );

/** Encodes as the Invoke adapter does, and counts. */
const createSender = () => {
  const sent = { ops: 0, bytes: 0 };
  const sender: Sender = {
    send: async (comet, chunk, { timeoutMs }) => {
      sent.bytes += encodeDelivery(comet, timeoutMs, chunk).length;
      sent.ops += chunk.ops.length;
      return new Array<Outcome>(chunk.ops.length).fill(DELIVERED);
    },
    heldBytes: ({ bytes }) => bytes,
  };
  return { sender, sent };
};

const createHandler = (count: number, sender: Sender) => {
  const comets = makeComets(count, (id) => `http://${id}.internal:3108`);
  return createDispatchHandler({
    stores: memoryFleet(comets, cometsByRoom(count)),
    sender,
    behind: { readPartition: async () => [] },
    park: async (_comet, ops) => {
      expectCount('parked', ops.length, 0);
      return [];
    },
  });
};

interface Load {
  readonly id: string;
  readonly title: string;
  readonly records: number;
  readonly comets: number;
  readonly targetOf: TargetOf;
  readonly ops: number;
  readonly valueBytes?: number;
}

const dispatchCase = ({ id, title, records, comets, targetOf, ops, valueBytes }: Load): Case => {
  const json = eventJson(records, targetOf, valueBytes ?? RECORD_BYTES);
  const { sender, sent } = createSender();
  const handler = createHandler(comets, sender);
  const run = async (): Promise<void> => {
    sent.ops = 0;
    await handler(JSON.parse(json), CONTEXT);
    expectCount(id, sent.ops, ops);
  };
  return { id, title: `dispatch: ${title}`, unit: 'record', units: records, run };
};

const floorCase = (records: number): Case => {
  const json = eventJson(records, pushTo(2), RECORD_BYTES);
  const run = (): void => {
    let bytes = 0;
    const event = JSON.parse(json) as { records: Record<string, { value: string }[]> };
    for (const partition of Object.values(event.records)) {
      for (const { value } of partition) bytes += Buffer.from(value, 'base64').length;
    }
    expectCount('floor', bytes, records * RECORD_BYTES);
  };
  const title = `floor: JSON.parse and base64 of ${records.toLocaleString('en')} PUSH`;
  return { id: `floor-${records}`, title, unit: 'record', units: records, run };
};

const pushLoad = (records: number, comets: number): Load => ({
  id: `dispatch-${records}-${comets}`,
  title: `${records.toLocaleString('en')} PUSH to ${comets} comets`,
  records,
  comets,
  targetOf: pushTo(comets),
  ops: records,
});

const SIZES = [100, 1_000, 10_000];
const FLEETS = [2, 10, 100];
const OTHERS: readonly Load[] = [
  {
    id: 'dispatch-room',
    title: '1,000 ROOM, 100 rooms, each on 2 of 10 comets',
    records: 1_000,
    comets: 10,
    targetOf: roomOf(ROOMS),
    ops: 2_000,
  },
  {
    id: 'dispatch-mixed',
    title: '1,000 PUSH, ROOM, ALL as 80:19:1 to 10 comets',
    records: 1_000,
    comets: 10,
    targetOf: mixed(10, ROOMS),
    ops: 800 + 190 * COMETS_OF_A_ROOM + 10 * 10,
  },
];

export const makeCases: MakeCases = () => [
  ...SIZES.map(floorCase),
  ...FLEETS.flatMap((comets) => SIZES.map((records) => dispatchCase(pushLoad(records, comets)))),
  ...OTHERS.map(dispatchCase),
];
