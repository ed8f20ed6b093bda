import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { readMembers } from '../../local/kafka/group.ts';
import { type Audience, openAudience } from './audience.ts';
import { CLUSTERS, type Cluster } from './clusters.ts';
import { type Functions, openFunctions } from './functions.ts';
import { type Job, startJob } from './job.ts';
import { addPartitions, committed, configFor, createTopic } from './topics.ts';
import { openTraffic, type Traffic } from './traffic.ts';

const ALL = /reads 4 of 4 partitions/;
const HALF = /reads 2 of 4 partitions/;

describe.each(CLUSTERS)('a job on $name', ({ isOwn, open }) => {
  let cluster: Cluster;
  let audience: Audience;
  let functions: Functions;
  let config: KafkaConfig;
  let traffic: Traffic;
  let jobs: Job[];

  const start = (of: Pick<Functions, 'dispatch'> = functions, as = config): Job => {
    const job = startJob(as, of);
    jobs.push(job);
    return job;
  };

  beforeAll(async () => {
    [cluster, audience] = await Promise.all([open(), openAudience()]);
    // Each Kafka has tables of its own, which the functions know since their first call.
    vi.resetModules();
    functions = await openFunctions(audience.addresses);
  });
  afterAll(async () => {
    await Promise.all([cluster?.close(), audience?.close(), functions?.close()]);
  });
  beforeEach(() => {
    jobs = [];
    config = configFor(cluster.address);
    traffic = openTraffic(config, audience);
  });
  afterEach(async () => {
    await Promise.all([...jobs.map((job) => job.stop()), traffic.close()]);
  });

  it('brings everything to whom it is for, in order, and commits it', async () => {
    await createTopic(config);
    const job = start();
    await job.logs(ALL);
    for (let round = 0; round < 10; round += 1) await traffic.push(20);
    await traffic.expectDelivered();
    expect(traffic.repeats()).toBe(0);
    await job.stop();
    const offsets = await committed(config);
    expect([...offsets.values()].reduce((sum, offset) => sum + offset, 0)).toBe(traffic.records());
  });

  it('waits for a topic that does not exist yet, and reads it from its beginning', async () => {
    const job = start();
    await job.logs(/there is no topic goim-job-test-\w+ yet/);
    await createTopic(config);
    await traffic.push(50);
    await traffic.expectDelivered();
    expect(job.lines.filter((line) => line.includes('there is no topic'))).toHaveLength(1);
  });

  it('goes on where it stood when it was stopped before anything had come', async () => {
    await createTopic(config);
    const before = start();
    await before.logs(ALL);
    await before.stop();
    await traffic.push(20);
    await start().logs(ALL);
    await traffic.expectDelivered();
  });

  it('begins a new group at the end of the topic, or at its beginning', async () => {
    await createTopic(config);
    await traffic.push(20);
    const latest = openTraffic(config, audience);
    await start().logs(ALL);
    await latest.push(20);
    await latest.expectDelivered();
    expect(traffic.arrived()).toBe(0);
    const earliest = { ...config, group: `${config.group}-2`, start: 'earliest' as const };
    start(functions, earliest);
    await traffic.expectDelivered();
    await latest.close();
  });

  it.runIf(isOwn)('reads partitions that are added, from their beginning', async () => {
    await createTopic(config);
    const job = start();
    await job.logs(ALL);
    await traffic.push(10);
    await traffic.expectDelivered();
    await addPartitions(config, 8);
    const more = openTraffic(config, audience);
    await more.push(10);
    await more.expectDelivered();
    await job.logs(/reads 8 of 8 partitions/);
    await more.close();
  });

  it.runIf(isOwn)('outlives a broker that is killed and started again in the middle', async () => {
    await createTopic(config);
    const job = start();
    await job.logs(ALL);
    for (let round = 0; round < 10; round += 1) await traffic.push(20);
    await cluster.own?.kill();
    const [restarted, pushed] = [cluster.own?.start(), traffic.push(20)];
    await job.logs(/cannot read/);
    await Promise.all([restarted, pushed]);
    for (let round = 0; round < 10; round += 1) await traffic.push(20);
    await traffic.expectDelivered();
    expect(traffic.repeats()).toBe(0);
    await job.stop();
    const offsets = await committed(config);
    expect([...offsets.values()].reduce((sum, offset) => sum + offset, 0)).toBeGreaterThanOrEqual(
      traffic.records(),
    );
  });

  it('shares the partitions with a second member that comes and goes, and points it out', async () => {
    await createTopic(config);
    const first = start();
    await first.logs(ALL);
    const pushing = (async () => {
      for (let round = 0; round < 60; round += 1) await traffic.push(10);
    })();
    const second = start();
    await second.logs(/WARNING: consumer group goim-job-test-\w+ has 1 other member/);
    await Promise.all([first.logs(HALF), second.logs(HALF)]);
    await traffic.push(20);
    await second.stop();
    await first.logs(ALL);
    await pushing;
    await traffic.push(20);
    await traffic.expectDelivered();
  });

  it('leaves the group before the others have made room for it, too', async () => {
    await createTopic(config);
    await start().logs(ALL);
    const second = start();
    const members = () => readMembers(config);
    await vi.waitFor(async () => expect(await members()).toHaveLength(2), { timeout: 60_000, interval: 20 });
    await second.stop();
    expect(await members()).toHaveLength(1);
  });

  it('takes a batch again, whole and before anything newer, until the function succeeds', async () => {
    await createTopic(config);
    let failures = 0;
    const failing = {
      dispatch: async (event: unknown) => {
        failures += 1;
        if (failures % 3 !== 0) throw new Error('a failure');
        return functions.dispatch(event);
      },
    };
    await start(failing).logs(ALL);
    for (let round = 0; round < 5; round += 1) await traffic.push(20);
    await traffic.expectDelivered();
    expect(traffic.repeats()).toBe(0);
  });

  it('commits nothing that was not dealt with', async () => {
    await createTopic(config);
    const job = start({ dispatch: () => Promise.reject(new Error('never')) });
    await job.logs(ALL);
    await traffic.push(20);
    await job.logs(/failed \(attempt 2/);
    await job.stop();
    expect(new Set((await committed(config)).values())).toEqual(new Set([0]));
    await start().logs(ALL);
    await traffic.expectDelivered();
  });

  it.runIf(isOwn).each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('signs in with %s', async (mechanism) => {
    const sasl = {
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: 'goim',
      KAFKA_SASL_PASSWORD: 'a-password',
    };
    config = configFor(cluster.own?.saslAddress ?? '', sasl);
    const own = openTraffic(config, audience);
    await createTopic(config);
    await start().logs(ALL);
    await own.push(5);
    await own.expectDelivered();
    await own.close();
    const wrong = {
      ...config,
      sasl: { mechanism, username: 'goim', password: 'wrong-secret' },
    } as KafkaConfig;
    const refused = start(functions, wrong);
    await refused.logs(/begins again in/);
    expect(refused.lines.join()).not.toContain('wrong-secret');
  });
});
