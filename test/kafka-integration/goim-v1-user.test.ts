import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRoomsTable } from '../../lib/store/rooms.ts';
import { encodeV1 } from '../../local/commands/push-record.ts';
import { connectGoimClient, type GoimClient } from '../../local/goim-client/client.ts';
import type { KafkaConfig } from '../../local/kafka/config.ts';
import { produceToKafka } from '../../local/kafka/produce.ts';
import { portsFrom } from '../../local/ports.ts';
import { tableNames } from '../../local/tables.ts';
import { freePortBase, type LocalProcess, startNode } from '../end-to-end/local-process.ts';
import { type Audience, openAudience } from './audience.ts';
import { CLUSTERS, type Cluster } from './clusters.ts';
import { configFor, createTopic } from './topics.ts';
import { openTraffic } from './traffic.ts';

const SERVERLESS = 'node_modules/serverless/bin/serverless.js';
const READY_MS = 90_000;
const PATIENT_MS = 60_000;
/** Nobody listens there: of a comet's addresses one is down. */
const DOWN = 'gorpc://127.0.0.1:9';

/** As goim v1's logic writes them (`libs/proto/job.go`): a server or a room of 0 is left out, and a room's key is its id, big-endian. */
const RECORDS = [
  [null, '{"op":"multiple","server":1,"subkeys":["k1","k2"],"msg":"eyJ0ZXN0IjoxfQ=="}'],
  [null, '{"op":"multiple","server":2,"subkeys":["k3"],"msg":"eyJ0ZXN0IjoyfQ=="}'],
  ['000003e8', '{"op":"broadcast_room","roomid":1000,"msg":"eyJ0ZXN0IjozfQ==","ensure":true}'],
  ['00000001', '{"op":"broadcast_room","roomid":1,"msg":"eyJ0ZXN0Ijo0fQ=="}'],
  ['00000000', '{"op":"broadcast_room","msg":"eyJ0ZXN0Ijo1fQ=="}'],
  [null, '{"op":"broadcast","msg":"eyJ0ZXN0Ijo2fQ=="}'],
] as const;
const testsTo = (...numbers: number[]) => numbers.map((number) => `{"test":${number}}`);

/** As a team that runs stock goim v1 has it: comets by number, logic's JSON on `KafkaPushsTopic`, clients of v1. */
describe.each(CLUSTERS)("in the place of goim v1's job, on $name", ({ open }) => {
  let cluster: Cluster;
  let config: KafkaConfig;
  let audience: Audience;
  let local: LocalProcess;
  let tablesUrl: string;

  const roomServers = async (): Promise<Record<string, string[]>> => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: tablesUrl, region: 'us-east-1', credentials });
    try {
      const rooms = createRoomsTable(client, tableNames()['RoomsTable'] ?? '');
      const serversByRoom: Record<string, string[]> = {};
      for await (const items of rooms.scan())
        for (const { room, comets } of items) serversByRoom[room] = comets.toSorted();
      return serversByRoom;
    } finally {
      client.destroy();
    }
  };

  beforeAll(async () => {
    cluster = await open();
    config = { ...configFor(cluster.address), topic: 'KafkaPushsTopic' };
    // v1's logic gives pushes to keys no key in Kafka: only one partition keeps them in order.
    await createTopic(config, { partitions: 1 });
  });
  afterAll(() => cluster?.close());
  beforeEach(async () => {
    audience = await openAudience({
      wires: [
        ['1', 'gorpc'],
        ['2', 'gorpc'],
      ],
      hasTraps: true,
    });
    const fleet = Object.fromEntries(audience.comets.map(({ id, gorpcUrl }) => [id, [DOWN, gorpcUrl]]));
    const variables = {
      KAFKA_BROKERS: cluster.address,
      KAFKA_TOPIC: config.topic,
      KAFKA_GROUP: config.group,
      COMETS: JSON.stringify(fleet),
    };
    const base = await freePortBase();
    tablesUrl = `http://127.0.0.1:${portsFrom(base).tables}`;
    local = startNode(variables, SERVERLESS, 'offline', 'start', '--port-base', `${base}`);
    await local.waitFor(/^kafka: reads 1 of 1 partitions/m, READY_MS);
  });
  afterEach(async () => {
    local.kill('SIGKILL');
    await local.ended;
    await audience.close();
  });

  it("has the room map that v1's MergeRoomServers makes, and brings records by hand to v1's clients", async () => {
    const clients: GoimClient[] = [];
    for (const [key, roomId] of [
      ['guest-1', '1000'],
      ['guest-2', '0'],
    ] as const) {
      const url = audience.comets[1]?.clientUrl ?? '';
      clients.push(await connectGoimClient({ url, key, roomId, accepts: [], version: 0 }));
    }
    await vi.waitFor(
      async () =>
        expect(await roomServers()).toEqual({ 0: ['2'], 1: ['1', '2'], 2: ['1', '2'], 1000: ['2'] }),
      { timeout: PATIENT_MS, interval: 200 },
    );
    const records = RECORDS.map(([key, value]) => ({
      key: key === null ? null : Buffer.from(key, 'hex'),
      value: Buffer.from(value),
    }));
    await produceToKafka(config, config.topic, records);
    const wanted = { k1: [1, 4, 6], k2: [1, 6], k3: [2, 4, 6], k4: [6] };
    for (const [key, numbers] of Object.entries(wanted)) {
      await vi.waitFor(() => expect(audience.received(key).toSorted()).toEqual(testsTo(...numbers)), {
        timeout: PATIENT_MS,
      });
    }
    const messages = await Promise.all(clients.map((client) => client.waitForMessages(2, PATIENT_MS)));
    expect(messages.map((list) => list.map(({ body }) => `${body}`).toSorted())).toEqual([
      testsTo(3, 6),
      testsTo(5, 6),
    ]);
    expect(messages.flat().map(({ operation }) => operation)).toEqual([5, 5, 5, 5]);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('loses nothing and keeps the order, in bursts and through a comet that stops', async () => {
    const traffic = openTraffic(config, audience, encodeV1);
    const [one] = audience.comets;
    await traffic.push(100);
    await traffic.expectDelivered();
    for (let round = 0; round < 20; round += 1) await traffic.push(5);
    await traffic.expectDelivered();
    await one?.stop();
    await traffic.push(20);
    await local.waitFor(/COMET_UNREACHABLE/, READY_MS);
    await one?.start();
    await traffic.push(20);
    await traffic.expectDelivered();
    await traffic.close();
  });

  it('disconnects nobody for a body that is no JSON, and delivers its neighbours', async () => {
    const push = (subkeys: string[], text: string) => ({
      key: null,
      value: Buffer.from(
        JSON.stringify({ op: 'multiple', server: 1, subkeys, msg: Buffer.from(text).toString('base64') }),
      ),
    });
    await produceToKafka(config, config.topic, [
      push(['k1'], '"before"'),
      push(['k1'], 'no JSON'),
      push(['k1'], '"after"'),
    ]);
    await audience.expectInOrder('k1', ['"before"', '"after"']);
    expect(audience.received('k1')).toEqual(['"before"', '"after"']);
  });
});
