import { setTimeout as delay } from 'node:timers/promises';
import { positiveWhole, readArguments } from '../local/commands/arguments.ts';
import { encodeV2 } from '../local/commands/push-record.ts';
import { runCommand } from '../local/commands/run-command.ts';
import type { KafkaConfig } from '../local/kafka/config.ts';
import { openKafkaProducer } from '../local/kafka/produce.ts';
import { CLUSTERS } from '../test/kafka-integration/clusters.ts';
import { committedRecords, configFor, createTopic } from '../test/kafka-integration/topics.ts';
import { startChild } from './child.ts';
import { cometId, pushTo, roomOf, type TargetOf, toAll } from './events.ts';
import { hasGo } from './go-client.ts';
import { startPeer } from './peers.ts';
import { treeUse } from './process-tree.ts';
import { startWholeSet } from './whole-set.ts';

/** What the whole tree of `npm start` takes of a backlog of a real Kafka, beside Go's own gRPC client; see README.md. */

const USAGE = `npm run bench:kafka-tree -- [--records N]
CPU time and memory of the whole tree of npm start while it reads N records of a real Kafka that it starts itself, for two gRPC comets.
  --records N  of each kind (100000)`;

const COMETS = 2;
const ROOMS = 100;
const BODY = Buffer.alloc(98, 'a');
const PRODUCE_AT_ONCE = 1_000;
const WARM_UP_RECORDS = 20_000;
const ASK_AGAIN_MS = 50;
const GO_SAMPLE_MS = 1_000;
const MIB = 1024 * 1024;

const KEYS = 10_000;
const pushes = pushTo(COMETS);
const KINDS: Readonly<Record<string, TargetOf>> = {
  PUSH: (index) => pushes(index % KEYS),
  ROOM: roomOf(ROOMS),
  ALL: toAll,
};

/** Resolves once the group has committed all of them. */
const drive = async (
  config: KafkaConfig,
  targetOf: TargetOf,
  from: number,
  count: number,
  onTick: () => void,
) => {
  const producer = openKafkaProducer(config);
  for (let index = from; index < from + count; index += PRODUCE_AT_ONCE) {
    const records = Array.from({ length: Math.min(PRODUCE_AT_ONCE, from + count - index) }, (_, place) =>
      encodeV2({ target: targetOf(index + place), operation: 1000, body: BODY }),
    );
    await producer.send(config.topic, records);
    onTick();
  }
  await producer.close();
  for (let done = 0; done < from + count; await delay(ASK_AGAIN_MS)) {
    onTick();
    done = await committedRecords(config);
  }
};

interface Use {
  readonly microseconds: number;
  readonly peakMib: number;
  readonly perSecond: number;
}

const use = async (pid: number, config: KafkaConfig, targetOf: TargetOf, records: number): Promise<Use> => {
  await drive(config, targetOf, 0, WARM_UP_RECORDS, () => {});
  let peak = 0;
  const before = treeUse(pid).cpuMs;
  const startedAt = performance.now();
  await drive(config, targetOf, WARM_UP_RECORDS, records, () => {
    peak = Math.max(peak, treeUse(pid).rssBytes);
  });
  const ms = performance.now() - startedAt;
  return {
    microseconds: ((treeUse(pid).cpuMs - before) * 1000) / records,
    peakMib: peak / MIB,
    perSecond: records / (ms / 1000),
  };
};

const goCall = async (grpcComet: string): Promise<number> => {
  const client = await startChild(new URL('./go-client.ts', import.meta.url), {
    args: ['go', JSON.stringify({ grpcComet })],
  });
  await client.ask({ ms: GO_SAMPLE_MS });
  const microseconds = await client.ask<number>({ ms: GO_SAMPLE_MS });
  await client.stop();
  return microseconds;
};

await runCommand(USAGE, async (args) => {
  const { values } = readArguments(args, { records: { type: 'string', default: '100000' } });
  const records = positiveWhole('--records', values.records);
  const own = CLUSTERS.at(-1);
  if (own === undefined) throw new Error('no Kafka');
  const comets = await Promise.all(
    Array.from({ length: COMETS }, () => startPeer<{ address: string }>('grpc-comet', [`${ROOMS}`])),
  );
  const addresses = JSON.stringify(
    Object.fromEntries(comets.map(({ ready }, index) => [cometId(index), [ready.address]])),
  );
  const cluster = await own.open();
  try {
    for (const [kind, targetOf] of Object.entries(KINDS)) {
      const config = configFor(cluster.address);
      await createTopic(config);
      const local = await startWholeSet(config, addresses, '--quiet');
      const { microseconds, peakMib, perSecond } = await use(local.pid, config, targetOf, records);
      console.log(
        `${kind}: ${microseconds.toFixed(1)} µs of CPU a record, ${peakMib.toFixed(0)} MiB, ${perSecond.toFixed(0)} records/s`,
      );
      local.kill('SIGTERM');
      await local.ended;
    }
    if (hasGo()) {
      const call = await goCall(comets[0]?.ready.address ?? '');
      console.log(`Go's own gRPC client: ${call.toFixed(1)} µs of CPU a call`);
    }
  } finally {
    await cluster.close();
    await Promise.all(comets.map((comet) => comet.stop()));
  }
});
