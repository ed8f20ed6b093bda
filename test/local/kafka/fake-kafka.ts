import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaRecord } from '../../../local/event-source/batch.ts';
import type { Fetcher } from '../../../local/kafka/fetcher.ts';
import type { Member, MemberEvents } from '../../../local/kafka/member.ts';
import type { KafkaAccess } from '../../../local/kafka/reader.ts';

/** One broker with one topic and one group, of which the test decides who has what. */
export interface FakeKafka extends KafkaAccess {
  /** Undefined: there is no topic. */
  topicId: string | undefined;
  /** By partition. */
  readonly logs: string[][];
  /** By partition, the first offset that the log still has. */
  readonly begins: number[];
  readonly committed: Map<number, number>;
  /** Each answer to a question fails as long as it is set. */
  failure: Error | undefined;
  /** How many fetches there were of each partition. */
  readonly fetches: Map<number, number>;
  members: number;
  /** To the member that joined last. */
  assign(...partitions: number[]): void;
  /** The member that joined last leaves for good. */
  lose(): void;
}

const MAX_FETCH = 1_000;
/** What a fetch waits for that finds nothing. */
const IDLE_MS = 5;

const toRecord = (partition: number, offset: number, value: string): KafkaRecord => ({
  topic: 't',
  partition,
  offset,
  timestamp: 0,
  timestampType: 'CREATE_TIME',
  key: null,
  value: Buffer.from(value),
  headers: [],
});

export const createFakeKafka = (partitions: number): FakeKafka => {
  let events: MemberEvents | undefined;
  const answer = <T>(make: () => T): Promise<T> =>
    fake.failure === undefined ? Promise.resolve(make()) : Promise.reject(fake.failure);
  const fetcher: Fetcher = {
    topic: () =>
      answer(() =>
        fake.topicId === undefined ? undefined : { id: fake.topicId, leaders: fake.logs.map(() => 1) },
      ),
    edges: (some, edge) =>
      answer(
        () =>
          new Map(
            some.map((partition) => [
              partition,
              (edge === 'earliest' ? fake.begins[partition] : fake.logs[partition]?.length) ?? 0,
            ]),
          ),
      ),
    fetch: (_node, offsets) =>
      answer(() => {
        for (const partition of offsets.keys()) {
          fake.fetches.set(partition, (fake.fetches.get(partition) ?? 0) + 1);
        }
        if ([...offsets].some(([partition, offset]) => offset < (fake.begins[partition] ?? 0))) {
          return 'out-of-range' as const;
        }
        const found = [...offsets].map(([partition, offset]) => {
          const values = (fake.logs[partition] ?? []).slice(offset, offset + MAX_FETCH);
          const records = values.map((value, index) => toRecord(partition, offset + index, value));
          return { partition, records, next: offset + values.length };
        });
        return found;
      }).then(async (found) => {
        const isIdle = found === 'out-of-range' || found.every(({ records }) => records.length === 0);
        await delay(isIdle ? IDLE_MS : 0);
        return found;
      }),
    close: async () => {},
  };
  const member: Member = {
    join: () =>
      answer(() => {
        fake.members += 1;
        fake.assign(...fake.logs.keys());
      }),
    committed: (some) =>
      answer(() => new Map([...fake.committed].filter(([partition]) => some.includes(partition)))),
    commit: (next) =>
      answer(() => {
        for (const [partition, offset] of next) fake.committed.set(partition, offset);
      }),
    leave: async () => {
      fake.members -= 1;
    },
  };
  const fake: FakeKafka = {
    topicId: 'id-1',
    logs: Array.from({ length: partitions }, () => []),
    begins: Array(partitions).fill(0),
    committed: new Map(),
    failure: undefined,
    fetches: new Map(),
    members: 0,
    assign: (...some) => events?.onAssigned(some),
    lose: () => events?.onLost(new Error('expelled')),
    openFetcher: () => fetcher,
    openMember: (_config, own) => {
      events = own;
      return member;
    },
    readMembers: () => answer(() => []),
  };
  return fake;
};
