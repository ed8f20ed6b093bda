import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KafkaEvent } from '../../../local/event-source/batch.ts';
import {
  type EventSource,
  type EventSourceOptions,
  startEventSource,
} from '../../../local/event-source/event-source.ts';
import { createTopic, type Topic } from '../../../local/topic/topic.ts';

const origin = { eventSourceArn: 'arn:aws:kafka:example', bootstrapServers: '127.0.0.1:9092' };
const sources: EventSource[] = [];
afterEach(() => Promise.all(sources.splice(0).map((source) => source.stop(1000))));

/** As long as a busy machine needs. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

const start = (
  topic: Topic,
  invoke: EventSourceOptions['invoke'],
  over: Partial<EventSourceOptions> = {},
) => {
  const lines: string[] = [];
  const source = startEventSource({
    reader: topic,
    invoke,
    origin,
    batchSize: 100,
    windowMs: 0,
    log: (line) => lines.push(line),
    backOff: { firstMs: 5, lastMs: 20 },
    ...over,
  });
  sources.push(source);
  return { source, lines };
};

const append = (topic: Topic, partition: number, ...values: string[]) =>
  topic.append(values.map((value) => ({ key: null, value: Buffer.from(value), partition })));

/** Values by partition, like `{0: ['a'], 1: ['b', 'c']}`. */
const valuesOf = ({ records }: KafkaEvent) =>
  Object.fromEntries(
    Object.values(records).map((own) => [
      own[0]?.partition,
      own.map(({ value }) => Buffer.from(value ?? '', 'base64').toString()),
    ]),
  );

describe('batches', () => {
  it('hold several partitions, each in order', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a', 'b');
    append(topic, 2, 'c');
    const events: KafkaEvent[] = [];
    start(topic, async (event) => events.push(event));
    await eventually(() => expect(events).toHaveLength(1));
    expect(events.map(valuesOf)).toEqual([{ 0: ['a', 'b'], 2: ['c'] }]);
    expect(events[0]?.eventSourceArn).toBe(origin.eventSourceArn);
  });

  it('end at the batch size', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a', 'b', 'c');
    const events: KafkaEvent[] = [];
    start(topic, async (event) => events.push(event), { batchSize: 2 });
    await eventually(() => expect(events.map(valuesOf)).toEqual([{ 0: ['a', 'b'] }, { 0: ['c'] }]));
  });

  it('end before 6 MB', async () => {
    const topic = createTopic({ name: 't' });
    const values = Array.from({ length: 7 }, () => ({
      key: null,
      value: Buffer.alloc(900_000),
      partition: 0,
    }));
    topic.append(values);
    const sizes: number[] = [];
    let records = 0;
    start(topic, async (event) => {
      sizes.push(JSON.stringify(event).length);
      records += Object.values(event.records).flat().length;
    });
    await eventually(() => expect(records).toBe(7));
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6_000_000);
  });

  it('wait for the window, no longer once they are full', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const topic = createTopic({ name: 't' });
    const events: KafkaEvent[] = [];
    start(topic, async (event) => events.push(event), { windowMs: 800, batchSize: 3 });
    append(topic, 0, 'a');
    await vi.advanceTimersByTimeAsync(50);
    append(topic, 1, 'b');
    await vi.advanceTimersByTimeAsync(749);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events.map(valuesOf)).toEqual([{ 0: ['a'], 1: ['b'] }]);
    append(topic, 0, 'c', 'd', 'e');
    await vi.advanceTimersByTimeAsync(0);
    expect(events).toHaveLength(2);
  });
});

describe('one batch a partition', () => {
  it('lets other partitions pass a batch that takes its time', async () => {
    const topic = createTopic({ name: 't' });
    const slow = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    start(topic, async (event) => {
      seen.push(valuesOf(event));
      if (event.records['t-0'] !== undefined) await slow.promise;
    });
    append(topic, 0, 'a');
    await eventually(() => expect(seen).toHaveLength(1));
    append(topic, 0, 'b');
    append(topic, 1, 'c');
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen).toEqual([{ 0: ['a'] }, { 1: ['c'] }]);
    slow.resolve();
    await eventually(() => expect(seen.at(-1)).toEqual({ 0: ['b'] }));
  });

  it('has never two in flight', async () => {
    const topic = createTopic({ name: 't' });
    const inFlight = new Set<string>();
    const overlaps: string[] = [];
    let done = 0;
    start(
      topic,
      async ({ records }) => {
        const partitions = Object.keys(records);
        overlaps.push(...partitions.filter((partition) => inFlight.has(partition)));
        for (const partition of partitions) inFlight.add(partition);
        await delay(Math.random() * 4);
        for (const partition of partitions) inFlight.delete(partition);
        if (Math.random() < 0.3) throw new Error('now and then');
        done += Object.values(records).flat().length;
      },
      { batchSize: 7 },
    );
    for (let index = 0; index < 300; index += 1) {
      append(topic, index % 4, `${index}`);
      if (index % 20 === 0) await delay(1);
    }
    await eventually(() => expect(done).toBe(300));
    expect(overlaps).toEqual([]);
  });
});

describe('a batch that fails', () => {
  it('comes again whole, before anything newer of its partitions', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a', 'b');
    append(topic, 1, 'c');
    const events: KafkaEvent[] = [];
    const { lines } = start(topic, async (event) => {
      events.push(event);
      if (events.length <= 4) append(topic, 0, `later-${events.length}`);
      if (events.length < 4) throw Object.assign(new Error('no comet'), { name: 'BATCH_UNDELIVERED' });
    });
    await eventually(() => expect(events.length).toBeGreaterThan(4));
    const whole = { 0: ['a', 'b'], 1: ['c'] };
    expect(events.slice(0, 4).map(valuesOf)).toEqual([whole, whole, whole, whole]);
    expect(valuesOf(events[4] as KafkaEvent)).toEqual({ 0: ['later-1', 'later-2', 'later-3', 'later-4'] });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^batch t-0 0\.\.1, t-1 0\.\.0 failed \(attempt 1, again in \d+ ms\): BATCH_UNDELIVERED: no comet$/,
    );
  });

  it('is committed only after its success', async () => {
    const topic = createTopic({ name: 't' });
    const commits: unknown[] = [];
    const commit = topic.commit;
    topic.commit = async (offsets) => {
      commits.push(Object.fromEntries(offsets));
      await commit(offsets);
    };
    append(topic, 0, 'a', 'b');
    append(topic, 3, 'c');
    let calls = 0;
    start(topic, async () => {
      calls += 1;
      expect(commits).toEqual([]);
      if (calls < 3) throw new Error('not yet');
    });
    await eventually(() => expect(commits).toEqual([{ 0: 2, 3: 1 }]));
    expect(calls).toBe(3);
  });

  it('waits longer each time, up to a bound', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a');
    const { lines } = start(topic, () => Promise.reject(new Error('never')));
    await eventually(() => expect(lines.length).toBeGreaterThan(5));
    const waits = lines.map((line) => Number(/again in (\d+) ms/.exec(line)?.[1]));
    expect(waits[0]).toBeLessThanOrEqual(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20);
    expect(Math.min(...waits.slice(3))).toBeGreaterThanOrEqual(10);
  });

  it('says nothing of its content', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'secret');
    const { lines } = start(topic, () => Promise.reject(new Error('first line\nsecret')));
    await eventually(() => expect(lines.length).toBeGreaterThan(0));
    expect(lines.join()).not.toContain('secret');
  });
});

describe('stop', () => {
  it('waits for the batch in flight and starts no other', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a');
    let calls = 0;
    let done = 0;
    const { source } = start(topic, async () => {
      calls += 1;
      await delay(50);
      done += 1;
    });
    await eventually(() => expect(calls).toBe(1));
    append(topic, 0, 'b');
    await source.stop(5000);
    await delay(20);
    expect({ calls, done }).toEqual({ calls: 1, done: 1 });
  });

  it('waits no longer than it is told to', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a');
    let calls = 0;
    const { source } = start(topic, () => {
      calls += 1;
      return new Promise(() => {});
    });
    await eventually(() => expect(calls).toBe(1));
    // The batch never ends.
    await source.stop(50);
  });

  it('ends the back-off of a batch that fails', async () => {
    const topic = createTopic({ name: 't' });
    append(topic, 0, 'a');
    const backOff = { firstMs: 60_000, lastMs: 60_000 };
    const { source, lines } = start(topic, () => Promise.reject(new Error('never')), { backOff });
    await eventually(() => expect(lines).toHaveLength(1));
    // Longer than this test may take.
    await source.stop(60_000);
  });
});
