import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKafkaConfig } from '../../../local/kafka/config.ts';
import { startTopicServer, type TopicServer } from '../../../local/topic/server.ts';
import { createTopic, type Topic } from '../../../local/topic/topic.ts';
import { readLag } from '../../../operate/status/lag.ts';

const HOST = '127.0.0.1';
const NOBODY = 1;
let topic: Topic;
let server: TopicServer;
const portsOf = (port: number) => ({ ports: { topic: port, tables: 0, lambda: 0 } });
const local = () => portsOf(Number(new URL(server.url).port));

beforeEach(async () => {
  topic = createTopic({ name: 'goim-push-topic', firstOffset: 100 });
  server = await startTopicServer({ topic, comets: [], host: HOST, port: 0 });
});
afterEach(() => server.close());

describe('the lag of the group', () => {
  it("is the local set's own topic's, by partition", async () => {
    topic.append([1, 1, 3].map((partition) => ({ key: null, value: null, partition })));
    await topic.commit(new Map([[1, 101]]));
    expect(await readLag(local(), undefined)).toEqual({
      topic: 'goim-push-topic',
      partitions: [
        { partition: 0, committed: 100, end: 100 },
        { partition: 1, committed: 101, end: 102 },
        { partition: 2, committed: 100, end: 100 },
        { partition: 3, committed: 100, end: 101 },
      ],
    });
  });

  it('of a set that reads a real Kafka is to be asked for with its variables', async () => {
    await server.close();
    server = await startTopicServer({ comets: [], host: HOST, port: 0 });
    expect(await readLag(local(), undefined)).toEqual({
      unknown: 'The topic is in KAFKA_BROKERS: run this command with the same variables.',
    });
  });

  it('is not known where nobody answers, and the reason is said', async () => {
    expect(await readLag(portsOf(NOBODY), undefined)).toEqual({
      unknown: expect.stringContaining('npm start'),
    });
    const kafka = readKafkaConfig({ KAFKA_BROKERS: `${HOST}:${NOBODY}` });
    expect(await readLag(local(), kafka)).toEqual({ unknown: expect.stringContaining('ECONNREFUSED') });
    expect(await readLag({}, undefined)).toEqual({ unknown: expect.stringContaining('OffsetLag') });
  });
});
