import type { Random } from '../random.ts';
import type { Strike } from './strike.ts';
import type { TableFault, TableFaultKind } from './tables/faults.ts';

const TABLES = ['behind', 'parked', 'fleet', 'rooms', 'leases', 'dead-letters'];
const once = (struck: () => void, hit: () => void) => (nth: number) => {
  if (nth === 1) struck();
  hit();
};

const strikeOf = (kind: string, faultOf: (random: Random) => Omit<TableFault, 'onHit'>): Strike => ({
  kind,
  run: ({ tables, faults }, random, struck) => {
    tables.faults.inject({ ...faultOf(random), onHit: once(struck, () => faults.hit(kind)) });
  },
});

/** A table or all, with more weight on those of parking. */
const somewhere = (random: Random): Pick<TableFault, 'tables'> =>
  random.chance(0.2) ? {} : { tables: [random.pick(random.chance(0.6) ? ['behind', 'parked'] : TABLES)] };

const dynamoDb = (
  kind: string,
  fault: TableFaultKind,
  most: number,
  lateMs?: readonly [number, number],
): Strike =>
  strikeOf(kind, (random) => ({
    kind: fault,
    ...somewhere(random),
    times: random.int(1, most),
    ...(lateMs === undefined ? {} : { lateMs: random.int(...lateMs) }),
  }));

const dies = (kind: string, fault: Pick<TableFault, 'functions' | 'tables' | 'operations'>): Strike =>
  strikeOf(kind, (random) => ({
    kind: random.pick(['kill-before', 'kill-after'] as const),
    ...fault,
    times: 1,
  }));

const WRITES = ['BatchWriteItem', 'PutItem', 'UpdateItem', 'DeleteItem'];

export const TABLE_STRIKES: readonly Strike[] = [
  dynamoDb('DynamoDB: throttles', 'throttle', 8),
  dynamoDb('DynamoDB: answers 500', 'error', 4),
  dynamoDb('DynamoDB: no answer, not done', 'unanswered', 2),
  dynamoDb('DynamoDB: no answer, but done', 'done-unanswered', 2),
  strikeOf('DynamoDB: leaves a part unprocessed', (random) => ({
    kind: 'unprocessed',
    ...(random.chance(0.5) ? {} : { tables: [random.pick(['parked', 'rooms'])] }),
    times: random.int(1, 4),
  })),
  dynamoDb('DynamoDB: does it late', 'late', 5, [50, 2_500]),
  dynamoDb('DynamoDB: does it after the caller gave up', 'late', 2, [3_100, 6_000]),
  dynamoDb('DynamoDB: answers late', 'late-answer', 5, [50, 2_500]),
  dies('dispatch: dies while it parks', {
    functions: ['dispatch'],
    tables: ['parked', 'behind'],
    operations: ['BatchWriteItem', 'UpdateItem'],
  }),
  dies('redeliver: dies half-way through its writes', {
    functions: ['redeliver'],
    tables: ['parked', 'behind', 'leases'],
    operations: WRITES,
  }),
  dies('mergeRooms: dies half-way through its writes', {
    functions: ['mergeRooms'],
    tables: ['rooms', 'fleet'],
    operations: WRITES,
  }),
];
