import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { readMembers } from '../../local/kafka/group.ts';
import { readKafkaLag } from '../../local/kafka/lag.ts';
import { produceToKafka } from '../../local/kafka/produce.ts';
import { portsFrom } from '../../local/ports.ts';
import { freePortBase, type LocalProcess, startNode, startSet } from '../end-to-end/local-process.ts';
import { goim } from '../vectors.ts';
import { openAudience } from './audience.ts';
import { CLUSTERS, type Cluster } from './clusters.ts';
import { committedRecords, configFor, createTopic } from './topics.ts';
import { openTraffic } from './traffic.ts';

const READY_MS = 90_000;
const ALL = /^kafka: reads 4 of 4 partitions/m;
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

describe.each(CLUSTERS)('the local set on $name', ({ open }) => {
  let cluster: Cluster;
  let config: KafkaConfig;
  let processes: LocalProcess[];

  const variables = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    KAFKA_BROKERS: cluster.address,
    KAFKA_TOPIC: config.topic,
    KAFKA_GROUP: config.group,
    ...more,
  });
  const dealtWith = (): Promise<number> => committedRecords(config);
  /** As `npm run status` has it. */
  const lag = async (): Promise<number> =>
    (await readKafkaLag(config)).reduce((sum, { end, committed: from = 0 }) => sum + end - from, 0);
  const start = async (more: NodeJS.ProcessEnv = {}): Promise<{ base: number; local: LocalProcess }> => {
    const base = await freePortBase();
    const local = startSet(variables(more), '--port-base', `${base}`);
    processes.push(local);
    await local.waitFor(/^ready/m, READY_MS);
    await local.waitFor(ALL, READY_MS);
    return { base, local };
  };

  beforeAll(async () => {
    cluster = await open();
  });
  afterAll(() => cluster?.close());
  beforeEach(async () => {
    processes = [];
    config = configFor(cluster.address);
    await createTopic(config);
  });
  afterEach(async () => {
    for (const one of processes) one.kill('SIGKILL');
    await Promise.all(processes.map(({ ended }) => ended));
  });

  it("brings goim's own bytes and npm run push to goim's clients, and writes nothing itself", async () => {
    const { base, local } = await start();
    const [one, two] = portsFrom(base).comets;
    const connect = (port: number | undefined, key: string, roomId: string): Promise<GoimClient> =>
      connectGoimClient({ url: `ws://127.0.0.1:${port}/sub`, key, roomId, accepts: [1000, 5] });
    const k1 = await connect(one?.clients, 'k1', 'live://1000');
    const other = await connect(two?.clients, 'k9', '1000');
    const v1 = goim.kafkaMsgV1.filter(({ op }) => op !== 'multiple');
    await produceToKafka(config, config.topic, [
      ...goim.pushMsgV2.map(({ eventKeyB64, eventValueB64 }) => ({
        key: bytes(eventKeyB64),
        value: bytes(eventValueB64),
      })),
      ...v1.map((message) => ({ key: null, value: Buffer.from(JSON.stringify(message)) })),
    ]);
    const bodies = async (client: GoimClient, count: number) =>
      (await client.waitForMessages(count, 60_000)).map(({ operation }) => operation);
    expect((await bodies(k1, 4)).sort()).toEqual([1000, 1000, 1000, 5]);
    expect((await bodies(other, 3)).sort()).toEqual([1000, 5, 5]);

    const push = startNode(
      variables(),
      'local/commands/push.ts',
      '--comet',
      'comet-1',
      '--keys',
      'k1',
      'by hand',
    );
    expect(await push.ended, push.output()).toBe(0);
    expect((await k1.waitForMessages(5, 60_000)).at(-1)?.body.toString()).toBe('by hand');

    const produce = await fetch(`http://127.0.0.1:${base}/topics/${config.topic}`, { method: 'POST' });
    expect(produce.status).toBe(404);
    const fault = await fetch(`http://127.0.0.1:${base}/comets/comet-1/stop`, { method: 'POST' });
    expect(fault.status).toBe(200);
    expect(local.output()).not.toContain('one push of each kind');

    await Promise.all([k1.close(), other.close()]);
    await vi.waitFor(async () => expect(await dealtWith()).toBe(6), { timeout: 60_000 });
    local.kill('SIGINT');
    expect(await local.ended, local.output()).toBe(0);
    expect(await readMembers(config)).toEqual([]);
    expect(await dealtWith()).toBe(6);
  });

  it('loses nothing and keeps the order when it is killed between a delivery and its commit', async () => {
    const audience = await openAudience();
    const traffic = openTraffic(config, audience);
    const [comet] = audience.comets;
    const { local } = await start({ COMETS: audience.addresses });
    await traffic.push(20);
    await traffic.expectDelivered();
    // What it gets it applies, and nobody hears of it.
    comet?.setFault({ kind: 'half', path: '/v1/ops' });
    const before = traffic.arrived();
    await traffic.push(50);
    await vi.waitFor(() => expect(traffic.arrived()).toBeGreaterThan(before), { timeout: 60_000 });
    local.kill('SIGKILL');
    await local.ended;
    expect(await dealtWith()).toBeLessThan(traffic.records());
    expect((await dealtWith()) + (await lag())).toBe(traffic.records());
    comet?.setFault();
    await traffic.push(20);
    await start({ COMETS: audience.addresses });
    await traffic.push(20);
    await traffic.expectDelivered();
    expect(traffic.repeats()).toBeGreaterThan(0);
    await Promise.all([traffic.close(), audience.close()]);
  });

  it('leaves the group when it is ended in the middle of a batch, which comes again', async () => {
    const audience = await openAudience();
    const traffic = openTraffic(config, audience);
    const [comet] = audience.comets;
    const inline = { COMETS: audience.addresses, DELIVERY: 'inline' };
    const { local } = await start(inline);
    // It applies what it gets, and its answer never ends.
    comet?.setFault({ kind: 'stall', path: '/v1/ops' });
    await traffic.push(5);
    await vi.waitFor(() => expect(audience.received('k1')).not.toEqual([]), { timeout: 60_000 });
    local.kill('SIGINT');
    expect(await local.ended, local.output()).toBe(0);
    expect(await readMembers(config)).toEqual([]);
    comet?.setFault();
    await start(inline);
    await traffic.push(5);
    await traffic.expectDelivered();
    expect(traffic.repeats()).toBeGreaterThan(0);
    await Promise.all([traffic.close(), audience.close()]);
  });

  it('says in one line what is wrong with the variables', async () => {
    const local = startSet(variables({ KAFKA_START: 'now' }));
    expect(await local.ended).toBe(1);
    expect(local.output().trim()).toMatch(
      /^Error: The configuration is invalid: KAFKA_START is not one of .*$/,
    );
  });
});
