import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { freePortBase, type LocalProcess, startSet } from '../end-to-end/local-process.ts';
import { type DiscoveryStub, startDiscoveryStub } from '../registry/discovery/stub.ts';
import { type Audience, openAudience } from './audience.ts';
import { CLUSTERS, type Cluster } from './clusters.ts';
import { configFor, createTopic } from './topics.ts';
import { openTraffic, type Traffic } from './traffic.ts';

const READY_MS = 90_000;
const HOST = '127.0.0.1';

/** As a team that runs stock goim v2 has it: discovery, comets over gRPC with all their traps, goim's records, goim's clients. */
describe.each(CLUSTERS)("in the place of goim's job, on $name", ({ open }) => {
  let cluster: Cluster;
  let config: KafkaConfig;
  let discovery: DiscoveryStub;
  let audience: Audience;
  let traffic: Traffic;
  let local: LocalProcess;

  const register = (hostname: string, address: string | undefined): void =>
    discovery.register({ hostname, addrs: [address ?? ''] });

  beforeAll(async () => {
    cluster = await open();
  });
  afterAll(() => cluster?.close());
  beforeEach(async () => {
    config = configFor(cluster.address);
    await createTopic(config);
    audience = await openAudience({
      wires: [
        ['comet-1', 'grpc'],
        ['comet-2', 'grpc'],
      ],
      hasTraps: true,
    });
    traffic = openTraffic(config, audience);
    discovery = await startDiscoveryStub({ host: HOST, port: 0 });
    for (const { id, grpcUrl } of audience.comets) register(id, grpcUrl);
    const variables = {
      KAFKA_BROKERS: cluster.address,
      KAFKA_TOPIC: config.topic,
      KAFKA_GROUP: config.group,
      REGISTRY: 'discovery',
      DISCOVERY_URLS: discovery.url,
      DISCOVERY_ENV: 'dev',
    };
    local = startSet(variables, '--port-base', `${await freePortBase()}`);
    await local.waitFor(/^kafka: reads 4 of 4 partitions/m, READY_MS);
  });
  afterEach(async () => {
    local.kill('SIGKILL');
    await local.ended;
    await Promise.all([traffic.close(), audience.close(), discovery.close()]);
  });

  it('loses nothing and keeps the order, in bursts into idle rooms and one after the other', async () => {
    await traffic.push(100);
    await traffic.expectDelivered();
    await traffic.push(100);
    await traffic.expectDelivered();
    for (let round = 0; round < 20; round += 1) await traffic.push(5);
    await traffic.expectDelivered();
    expect(discovery.asked[0]?.get('appid')).toBe('goim.comet');
  });

  it('goes on through a comet that stops, and a discovery that fails', async () => {
    const [, two] = audience.comets;
    await traffic.push(20);
    await traffic.expectDelivered();
    discovery.fail('protected');
    await two?.stop();
    await traffic.push(20);
    await local.waitFor(/COMET_UNREACHABLE/, READY_MS);
    await two?.start();
    await traffic.push(20);
    await traffic.expectDelivered();
  });
});
