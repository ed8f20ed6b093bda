import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaRecord } from '../../../local/event-source/batch.ts';
import { readKafkaConfig } from '../../../local/kafka/config.ts';
import { type KafkaReader, openKafkaReader } from '../../../local/kafka/reader.ts';
import { createFakeKafka, type FakeKafka } from './fake-kafka.ts';

const config = readKafkaConfig({ KAFKA_BROKERS: '127.0.0.1:9092', KAFKA_TOPIC: 't', KAFKA_GROUP: 'g' });
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `${from + index}`);

let kafka: FakeKafka;
let reader: KafkaReader;
let lines: string[];
let taken: KafkaRecord[];

/** Takes what there is, of the partitions that are not busy. */
const drain = (...busy: number[]) =>
  reader.drain(new Set(busy), (record) => {
    taken.push(record);
    return true;
  });
const values = (partition: number) =>
  taken.filter((record) => record.partition === partition).map(({ value }) => `${value}`);
const open = (over: Partial<NonNullable<typeof config>> = {}) => {
  if (config === undefined) throw new Error('no configuration');
  reader = openKafkaReader({ config: { ...config, ...over }, log: (line) => lines.push(line), kafka });
  void reader.start();
};
const joined = () => eventually(() => expect(lines.join('\n')).toMatch(/^reads \d of/m));

beforeEach(() => {
  kafka = createFakeKafka(2);
  lines = [];
  taken = [];
});
afterEach(() => reader.close());

describe('the start', () => {
  it('is over once it reads', async () => {
    if (config === undefined) throw new Error('no configuration');
    reader = openKafkaReader({ config, log: (line) => lines.push(line), kafka });
    await reader.start();
    expect(lines).toEqual(['reads 2 of 2 partitions of t in group g']);
  });

  it('rejects with what Kafka says when it cannot be read', async () => {
    if (config === undefined) throw new Error('no configuration');
    const openFetcher: FakeKafka['openFetcher'] = (own) => ({
      ...kafka.openFetcher(own),
      topic: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:9092')),
    });
    reader = openKafkaReader({ config, log: () => {}, kafka: { ...kafka, openFetcher } });
    await expect(reader.start()).rejects.toThrow('Kafka cannot be read: connect ECONNREFUSED 127.0.0.1:9092');
  });
});

describe('a new group', () => {
  it('begins at the end, and commits that before it reads', async () => {
    kafka.logs[0]?.push('old');
    open();
    await joined();
    expect([...kafka.committed]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    kafka.logs[0]?.push('new');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['new']);
    });
  });

  it('begins at the beginning if it is told to', async () => {
    kafka.logs[0]?.push('a', 'b', 'c');
    kafka.begins[0] = 1;
    open({ start: 'earliest' });
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['b', 'c']);
    });
  });

  it('reads all of a topic that was not there when it started', async () => {
    kafka.topicId = undefined;
    open();
    await eventually(() => expect(lines).toEqual(['there is no topic t yet: waits for it']));
    kafka.topicId = 'id-1';
    kafka.logs[1]?.push('first');
    await eventually(() => {
      drain();
      expect(values(1)).toEqual(['first']);
    });
  });
});

describe('records', () => {
  it('are offered once, in order, up to the one that is declined, and not of busy partitions', async () => {
    open();
    await joined();
    kafka.logs[0]?.push('a', 'b', 'c');
    kafka.logs[1]?.push('x');
    await eventually(() => {
      drain(0);
      expect(values(1)).toEqual(['x']);
    });
    expect(values(0)).toEqual([]);
    await eventually(() => {
      reader.drain(new Set(), (record) => {
        if (taken.length === 3) return false;
        taken.push(record);
        return true;
      });
      expect(values(0)).toEqual(['a', 'b']);
    });
    drain();
    expect(values(0)).toEqual(['a', 'b', 'c']);
  });

  it('are announced', async () => {
    const onArrival = vi.fn();
    open();
    reader.onArrival(onArrival);
    await joined();
    kafka.logs[0]?.push('a');
    await eventually(() => {
      expect(onArrival).toHaveBeenCalled();
      drain();
      expect(values(0)).toEqual(['a']);
    });
  });

  it('are no longer fetched of a partition that is full, and still of the others', async () => {
    open();
    await joined();
    kafka.logs[0]?.push(...numbers(20_000));
    await eventually(() => expect(kafka.fetches.get(1)).toBeGreaterThan(40));
    const before = kafka.fetches.get(0);
    await eventually(() => expect(kafka.fetches.get(1)).toBeGreaterThan(80));
    expect(kafka.fetches.get(0)).toBe(before);
    await eventually(() => {
      drain();
      expect(values(0)).toHaveLength(20_000);
    });
    expect(values(0)).toEqual(numbers(20_000));
  });

  it('go on at the beginning of a log that has lost the offset', async () => {
    kafka.committed.set(0, 0).set(1, 0);
    kafka.logs[0]?.push(...numbers(10));
    kafka.begins[0] = 4;
    open();
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(numbers(6, 4));
    });
    expect(lines.join('\n')).toContain('partition 0 has the offsets 4 to 10 and not 0: goes on at 4');
  });
});

describe('a rebalance', () => {
  beforeEach(async () => {
    kafka.committed.set(0, 0).set(1, 0);
    kafka.logs[0]?.push(...numbers(10));
    open();
    await joined();
    await eventually(() => expect(kafka.fetches.get(0)).toBeGreaterThan(1));
  });

  it('takes the records of a partition away that was revoked, and its commits', async () => {
    kafka.assign(1);
    drain();
    expect(values(0)).toEqual([]);
    await reader.commit(new Map([[0, 5]]));
    kafka.logs[1]?.push('x');
    await eventually(() => {
      drain();
      expect(values(1)).toEqual(['x']);
    });
    await reader.commit(new Map([[1, 1]]));
    await eventually(() => expect(kafka.committed.get(1)).toBe(1));
    expect(kafka.committed.get(0)).toBe(0);
  });

  it('keeps what is still ours, without repeats', async () => {
    reader.drain(new Set(), (record) => record.offset < 4 && taken.push(record) > 0);
    kafka.assign(0);
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(numbers(10));
    });
  });

  it('goes on where another member left off', async () => {
    kafka.assign(1);
    kafka.committed.set(0, 7);
    kafka.assign(0, 1);
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['7', '8', '9']);
    });
  });

  it('drops what was dealt with while the partition was elsewhere, and commits it then', async () => {
    kafka.assign(1);
    await reader.commit(new Map([[0, 6]]));
    kafka.committed.set(0, 3);
    kafka.assign(0, 1);
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['6', '7', '8', '9']);
      expect(kafka.committed.get(0)).toBe(6);
    });
  });

  it('never commits less than another member has committed', async () => {
    kafka.assign(1);
    kafka.committed.set(0, 8);
    kafka.assign(0, 1);
    await reader.commit(
      new Map([
        [0, 7],
        [1, 1],
      ]),
    );
    await eventually(() => expect(kafka.committed.get(1)).toBe(1));
    expect(kafka.committed.get(0)).toBe(8);
  });
});

describe('failures', () => {
  beforeEach(async () => {
    kafka.committed.set(0, 0).set(1, 0);
    open();
    await joined();
  });

  it('of Kafka are said once, and end without a loss', async () => {
    kafka.logs[0]?.push('a');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a']);
    });
    kafka.failure = new Error('connection refused');
    await reader.commit(new Map([[0, 1]]));
    kafka.logs[0]?.push('b');
    const [readFails, commitFails] = ['cannot read, and tries again', 'the commit failed and is tried again'];
    await eventually(() => {
      expect(lines).toContain(`${readFails}: connection refused`);
      expect(lines).toContain(`${commitFails}: connection refused`);
    });
    kafka.failure = undefined;
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a', 'b']);
      expect(kafka.committed.get(0)).toBe(1);
      expect(lines).toContain('reads again');
    });
    expect(lines.filter((line) => line.startsWith(readFails))).toHaveLength(1);
  });

  it('of the membership make a new one, which goes on behind what was dealt with', async () => {
    kafka.logs[0]?.push('a', 'b');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a', 'b']);
    });
    kafka.lose();
    await reader.commit(new Map([[0, 2]]));
    kafka.committed.set(0, 0);
    kafka.logs[0]?.push('c');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a', 'b', 'c']);
      expect(kafka.committed.get(0)).toBe(2);
    });
    expect(lines.join('\n')).toMatch(/begins again in \d+ ms: expelled/);
    expect(kafka.members).toBe(1);
  });

  it('to find the same topic begin anew with the other one', async () => {
    kafka.logs[0]?.push('a', 'b');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a', 'b']);
    });
    await reader.commit(new Map([[0, 2]]));
    kafka.topicId = 'id-2';
    kafka.committed.clear();
    kafka.logs[0]?.splice(0, 2, 'new');
    await eventually(() => {
      drain();
      expect(values(0)).toEqual(['a', 'b', 'new']);
    });
  });
});

it('commits what was dealt with and leaves the group when it is closed', async () => {
  kafka.committed.set(0, 0).set(1, 0);
  kafka.logs[0]?.push('a');
  open();
  await eventually(() => {
    drain();
    expect(values(0)).toEqual(['a']);
  });
  await reader.commit(new Map([[0, 1]]));
  await reader.close();
  expect(kafka.committed.get(0)).toBe(1);
  expect(kafka.members).toBe(0);
});

it('says so if it could not leave the group', async () => {
  const { openMember } = kafka;
  kafka.openMember = (...args) => ({
    ...openMember(...args),
    leave: () => Promise.reject(new Error('refused')),
  });
  open();
  await joined();
  await reader.close();
  expect(lines.at(-1)).toBe('could not leave group g: refused');
});

it('names the other members of the group, before it joins', async () => {
  kafka.readMembers = async () => [{ clientId: 'sarama', clientHost: '/10.0.0.3' }];
  open();
  await joined();
  expect(lines[0]).toMatch(/^WARNING: consumer group g has 1 other member\(s\): sarama on 10\.0\.0\.3\./);
});
