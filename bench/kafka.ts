import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startReferenceComet } from '../local/comet/reference-comet.ts';
import { positiveWhole, readArguments, UsageError } from '../local/commands/arguments.ts';
import { encodeV2, type PushRecord } from '../local/commands/push-record.ts';
import { runCommand } from '../local/commands/run-command.ts';
import { type EventSource, startEventSource } from '../local/event-source/event-source.ts';
import type { KafkaConfig } from '../local/kafka/config.ts';
import { openKafkaProducer } from '../local/kafka/produce.ts';
import { openKafkaReader } from '../local/kafka/reader.ts';
import { CLUSTERS, type Cluster } from '../test/kafka-integration/clusters.ts';
import { type Functions, openFunctions } from '../test/kafka-integration/functions.ts';
import { configFor, createTopic } from '../test/kafka-integration/topics.ts';
import { pushTo, roomOf, type TargetOf } from './events.ts';
import { type Clock, createClock, type Latency } from './kafka-clock.ts';
import { startWholeSet } from './whole-set.ts';

/** Produce to comet answered, from a real Kafka, at a steady rate with window 0; see README.md. */

/** `comets` is for `COMETS`. */
type Start = (config: KafkaConfig, comets: string) => Promise<Job>;

interface Job {
  stop(): Promise<void>;
}

const USAGE = `npm run bench:kafka -- [--seconds N] [--wire http | grpc]
From a produced record to the comet's answer, against a real Kafka that it starts itself (with Java; Maven fetches it).
  --seconds N  of each of the four runs (20)
  --wire W     how the comet is called (http)`;

interface Options {
  readonly seconds: number;
  readonly wire: 'http' | 'grpc';
}

/** Throws a `UsageError`. */
const readOptions = (args: readonly string[]): Options => {
  const { values } = readArguments(args, {
    seconds: { type: 'string', default: '20' },
    wire: { type: 'string', default: 'http' },
  });
  const { wire } = values;
  if (wire !== 'http' && wire !== 'grpc') throw new UsageError(`--wire is http or grpc, not ${wire}`);
  return { seconds: positiveWhole('--seconds', values.seconds), wire };
};

const RATE = 1_000;
/** So many at once: a timer is not finer than this. */
const TICK_MS = 5;
/** Compiles the way and opens the connections; not measured. */
const WARM_UP_S = 5;
const ROOMS = 100;
const BATCH_SIZE = 1_000;
const BODY_BYTES = 100;
const AIM_P99_MS = 50;
/** Of goim's job: measured apart from this, with the same records and rate. */
const GOIM = { PUSH: '6-13 ms', ROOM: '1,005 ms' };
const TARGETS: Readonly<Record<keyof typeof GOIM, TargetOf>> = { PUSH: pushTo(1), ROOM: roomOf(ROOMS) };

/** Number of the record, filled up. */
const bodyOf = (index: number): Buffer => Buffer.from(String(index).padEnd(BODY_BYTES));

const produceSteadily = async (
  config: KafkaConfig,
  targetOf: TargetOf,
  clock: Clock,
  seconds: number,
): Promise<void> => {
  const producer = openKafkaProducer(config);
  const count = (WARM_UP_S + seconds) * RATE;
  const startedAt = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < count; ) {
    const records: PushRecord[] = [];
    for (; index < count && startedAt + (index * 1_000) / RATE <= performance.now(); index += 1) {
      clock.due(index, startedAt + (index * 1_000) / RATE);
      records.push(encodeV2({ target: targetOf(index), operation: 1000, body: bodyOf(index) }));
    }
    if (records.length > 0) sent.push(producer.send(config.topic, records));
    await delay(TICK_MS);
  }
  await Promise.all(sent);
  await producer.close();
};

/** What they know of their tables and comets they know since their first call. */
let functions: Functions | undefined;

/** Event source, `dispatch` and the comet client in this process: `DELIVERY=inline`. */
const startInline: Start = async (config, comets) => {
  functions ??= await openFunctions(comets);
  const reader = openKafkaReader({ config, log: console.error });
  const source: EventSource = startEventSource({
    reader,
    invoke: functions.dispatch,
    origin: { eventSourceArn: 'arn:aws:kafka:example', bootstrapServers: 'example:9092' },
    batchSize: BATCH_SIZE,
    windowMs: 0,
    log: console.error,
  });
  await reader.start();
  return {
    stop: async () => {
      await source.stop(5_000);
      await reader.close();
    },
  };
};

/** `npm start` as it is: worker threads, and `deliver` through the Invoke API. */
const startWhole: Start = async (config, comets) => {
  const local = await startWholeSet(config, comets);
  return {
    stop: async () => {
      local.kill('SIGKILL');
      await local.ended;
    },
  };
};

const MODES = { inline: startInline, 'npm start': startWhole };

const openComet = async (wire: Options['wire']) => {
  let clock: Clock | undefined;
  const comet = await startReferenceComet({
    id: 'comet-1',
    host: '127.0.0.1',
    clientPort: 0,
    apiPort: 0,
    grpcPort: 0,
    onOp: ({ body }) => clock?.answered(body),
  });
  const { apiUrl, grpcUrl = apiUrl } = comet;
  return {
    addresses: JSON.stringify({ [comet.id]: [wire === 'grpc' ? grpcUrl : apiUrl] }),
    tell: (next: Clock) => {
      clock = next;
    },
    close: comet.close,
  };
};
type Comet = Awaited<ReturnType<typeof openComet>>;

const measure = async (
  { address }: Cluster,
  comet: Comet,
  start: Start,
  targetOf: TargetOf,
  seconds: number,
): Promise<Latency> => {
  const config = configFor(address);
  const clock = createClock();
  comet.tell(clock);
  await createTopic(config);
  const job = await start(config, comet.addresses);
  try {
    await produceSteadily(config, targetOf, clock, seconds);
    return await clock.latency(WARM_UP_S * RATE);
  } finally {
    await job.stop();
  }
};

const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(10);

const runAll = async (cluster: Cluster, comet: Comet, seconds: number): Promise<void> => {
  for (const [mode, start] of Object.entries(MODES)) {
    for (const [kind, targetOf] of Object.entries(TARGETS)) {
      const { p50, p99, max } = await measure(cluster, comet, start, targetOf, seconds);
      const aim = (p99 < AIM_P99_MS ? 'pass' : 'MISSED').padStart(10);
      const figures = [p50, p99, max].map(ms).join(' ');
      console.log(`${`${kind} ${mode}`.padEnd(14)} ${figures} ${aim}   ${GOIM[kind as keyof typeof GOIM]}`);
    }
  }
};

await runCommand(USAGE, async (args) => {
  const { seconds, wire } = readOptions(args);
  const [own] = CLUSTERS;
  if (own === undefined) throw new Error('no Kafka');
  console.error(`starts ${own.name}; about ${4 * (seconds + WARM_UP_S + 10)} s in all`);
  const comet = await openComet(wire);
  const cluster = await own.open();
  try {
    const load = loadavg()[0]?.toFixed(1);
    console.log(`${own.name}, ${RATE} records/s for ${seconds} s, window 0, 4 partitions, ${ROOMS} rooms,`);
    console.log(
      `one comet over ${wire}; ${availableParallelism()} CPUs, load ${load}; aim: p99 < ${AIM_P99_MS} ms`,
    );
    console.log("                      p50        p99        max        aim   goim's job");
    await runAll(cluster, comet, seconds);
  } finally {
    await cluster.close();
    await comet.close();
    await functions?.close();
  }
});
