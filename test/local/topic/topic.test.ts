import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../../../local/event-source/batch.ts';
import { createTopic, type NewRecord, partitionOf } from '../../../local/topic/topic.ts';

const NAME = 'goim-push-topic';
const record = (key: string | null, value = '', partition?: number): NewRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  partition,
});

const drain = (
  topic: ReturnType<typeof createTopic>,
  count = Number.POSITIVE_INFINITY,
  busy = new Set<number>(),
) => {
  const records: KafkaRecord[] = [];
  topic.drain(busy, (one) => records.length < count && records.push(one) > 0);
  return records;
};

describe('partitioning', () => {
  it('takes FNV-1a as a signed integer, like the producer of goim', () => {
    // FNV-1a of "a" is 0xe40c292c, of "foobar" 0xbf9cf968, both negative as int32.
    const signed = (hash: number, n: number) => Math.abs((hash | 0) % n);
    expect(partitionOf(Buffer.from('a'), 7)).toBe(signed(0xe40c292c, 7));
    expect(partitionOf(Buffer.from('foobar'), 7)).toBe(signed(0xbf9cf968, 7));
    expect(partitionOf(Buffer.alloc(0), 7)).toBe(signed(0x811c9dc5, 7));
  });

  it('puts records of one key into one partition', () => {
    const topic = createTopic({ name: NAME });
    const positions = topic.append([record('k1'), record('k1'), record('k1')]);
    expect(positions).toEqual([0, 1, 2].map((offset) => ({ partition: 3, offset })));
  });

  it('deals records without a key out to all partitions', () => {
    const topic = createTopic({ name: NAME });
    const positions = topic.append([0, 1, 2, 3, 4].map(() => record(null)));
    expect(positions).toEqual(
      [0, 1, 2, 3, 0].map((partition, index) => ({ partition, offset: index === 4 ? 1 : 0 })),
    );
  });

  it('takes a record to the partition it names', () => {
    expect(createTopic({ name: NAME }).append([record('k1', '', 1)])).toEqual([{ partition: 1, offset: 0 }]);
  });
});

describe('reading', () => {
  it('offers each record once, with its place and time', () => {
    const topic = createTopic({ name: NAME, now: () => 1700000000000 });
    topic.append([record('k1', 'one', 2)]);
    expect(drain(topic)).toEqual([
      {
        topic: NAME,
        partition: 2,
        offset: 0,
        timestamp: 1700000000000,
        timestampType: 'CREATE_TIME',
        key: Buffer.from('k1'),
        value: Buffer.from('one'),
        headers: [],
      },
    ]);
    expect(drain(topic)).toEqual([]);
  });

  it('offers a declined record again and nothing behind it', () => {
    const topic = createTopic({ name: NAME });
    topic.append([record(null, 'one', 0), record(null, 'two', 0), record(null, 'three', 0)]);
    expect(drain(topic, 1).map(({ offset }) => offset)).toEqual([0]);
    expect(drain(topic).map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it('offers nothing of busy partitions', () => {
    const topic = createTopic({ name: NAME });
    topic.append([record(null, '', 0), record(null, '', 1)]);
    expect(drain(topic, 9, new Set([0])).map(({ partition }) => partition)).toEqual([1]);
    expect(drain(topic).map(({ partition }) => partition)).toEqual([0]);
  });

  it('goes on counting offsets after a commit', async () => {
    const topic = createTopic({ name: NAME });
    topic.append([record(null, '', 0), record(null, '', 0)]);
    drain(topic, 1);
    await topic.commit(new Map([[0, 1]]));
    topic.append([record(null, '', 0)]);
    expect(drain(topic).map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it('begins at the offset that it is given', async () => {
    const topic = createTopic({ name: NAME, firstOffset: 1_000 });
    expect(topic.append([record(null, '', 0)])).toEqual([{ partition: 0, offset: 1_000 }]);
    expect(drain(topic).map(({ offset }) => offset)).toEqual([1_000]);
    await topic.commit(new Map([[0, 1_001]]));
    topic.append([record(null, '', 0)]);
    expect(drain(topic).map(({ offset }) => offset)).toEqual([1_001]);
  });

  it('tells its reader about each append', () => {
    const topic = createTopic({ name: NAME });
    let arrivals = 0;
    topic.onArrival(() => {
      arrivals += 1;
    });
    topic.append([record(null), record(null)]);
    topic.append([record(null)]);
    expect(arrivals).toBe(2);
  });
});

describe('room', () => {
  const value = 'x'.repeat(1000);

  it('refuses what does not fit beside uncommitted records, all of it', () => {
    const topic = createTopic({ name: NAME, maxBytes: 2500 });
    expect(topic.append([record(null, value, 0)])).not.toBe('full');
    expect(topic.append([record(null, value, 0), record(null, value, 0)])).toBe('full');
    expect(drain(topic)).toHaveLength(1);
  });

  it('has room again once records are committed', async () => {
    const topic = createTopic({ name: NAME, maxBytes: 2500 });
    topic.append([record(null, value, 0), record(null, value, 0)]);
    drain(topic);
    expect(topic.append([record(null, value, 0)])).toBe('full');
    await topic.commit(new Map([[0, 2]]));
    expect(topic.append([record(null, value, 0)])).toEqual([{ partition: 0, offset: 2 }]);
  });

  it('is not won by an old commit that comes again', async () => {
    const topic = createTopic({ name: NAME, maxBytes: 2500 });
    topic.append([record(null, value, 0), record(null, value, 0)]);
    drain(topic);
    await topic.commit(new Map([[0, 1]]));
    await topic.commit(new Map([[0, 1]]));
    expect(topic.append([record(null, value, 0), record(null, value, 0)])).toBe('full');
  });
});
