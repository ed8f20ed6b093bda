import { setTimeout as delay } from 'node:timers/promises';
import { type ReferenceComet, startReferenceComet } from '../../local/comet/reference-comet.ts';
import { startEventSource } from '../../local/event-source/event-source.ts';
import { createTopic, type Topic } from '../../local/topic/topic.ts';
import { startChild } from '../child.ts';
import { judge, type Verdict } from './judge.ts';
import { type Leak, startLeak } from './leak.ts';
import { openLocalFunctions } from './local-functions.ts';
import { type Sample, takeSample } from './sample.ts';
import { type Receiver, startTraffic } from './traffic.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly leak: Leak | undefined;
}

const RECORDS_PER_S = 200;
const SAMPLE_MS = 10_000;
const ROUND_MS = 20_000;
const DOWN_MS = 6_000;
const CLIENTS_A_COMET = 10;
const ROOMS = 5;
const READY_MS = 10_000;
const PATIENCE_MS = 30_000;

type Comets = readonly [ReferenceComet, ReferenceComet];

const openComet = (id: string): Promise<ReferenceComet> =>
  startReferenceComet({ id, host: '127.0.0.1', clientPort: 0, apiPort: 0, grpcPort: 0 });

/** Each comet in turn; each stops and hangs in turn. */
const breakComets = async ([first, second]: Comets): Promise<never> => {
  for (let round = 0; ; round += 1) {
    const comet = round % 2 === 0 ? first : second;
    await (round % 4 < 2 ? comet.stop() : comet.hang());
    await delay(DOWN_MS);
    await comet.start();
    await delay(ROUND_MS - DOWN_MS);
  }
};

const receiversOf = (comets: Comets): Receiver[] =>
  comets.flatMap(({ id, clientUrl }) =>
    Array.from({ length: CLIENTS_A_COMET }, (_, index) => ({
      comet: id,
      url: clientUrl,
      key: `${id}-key-${index}`,
      room: `live://${index % ROOMS}`,
    })),
  );

const openSet = async () => {
  /** The first one is called over HTTP, the other over gRPC. */
  const comets = [await openComet('comet-1'), await openComet('comet-2')] as const;
  const [first, second] = comets;
  const receivers = receiversOf(comets);
  const tables = await startChild<{ address: string; tables: Record<string, string> }>(
    new URL('../peers/tables.ts', import.meta.url),
  );
  const clients = await startChild(new URL('./clients-child.ts', import.meta.url), {
    args: [JSON.stringify(receivers)],
  });
  const functions = await openLocalFunctions(
    { dynamodb: tables.ready.address, tables: tables.ready.tables },
    { [first.id]: first.apiUrl, [second.id]: second.grpcUrl ?? '' },
  );
  return { comets, receivers, tables, clients, functions };
};
type SoakSet = Awaited<ReturnType<typeof openSet>>;

const startSource = (topic: Topic, { functions }: SoakSet) =>
  startEventSource({
    reader: topic,
    invoke: functions.dispatch,
    origin: { eventSourceArn: 'arn:aws:kafka:example', bootstrapServers: 'example:9092' },
    batchSize: 1_000,
    windowMs: 50,
    log: console.log,
  });

const say = ({ atS, heapMb, resources }: Sample, marks: number): void => {
  const counts = Object.entries(resources).map(([type, count]) => `${type} ${count}`);
  console.log(
    `${atS.toFixed(0).padStart(5)} s  heap ${heapMb.toFixed(1).padStart(6)} MB  marks ${marks}  ${counts.join('  ')}`,
  );
};

const takeSamples = async ({ functions }: SoakSet, minutes: number): Promise<Sample[]> => {
  const samples: Sample[] = [];
  const startedAt = performance.now();
  for (let due = SAMPLE_MS; due <= minutes * 60_000; due += SAMPLE_MS) {
    await delay(startedAt + due - performance.now());
    const sample = await takeSample(startedAt);
    samples.push(sample);
    say(sample, await functions.marks());
  }
  return samples;
};

const untilCaughtUp = async ({ functions }: SoakSet): Promise<boolean> => {
  for (const endsAt = performance.now() + PATIENCE_MS; performance.now() < endsAt; await delay(200)) {
    if ((await functions.marks()) === 0) return true;
  }
  return false;
};

const lineOf = ({ name, before, after, grows }: Verdict): string =>
  `${name.padEnd(24)} ${before.toFixed(1).padStart(8)} ${after.toFixed(1).padStart(8)}  ${grows ? 'GROWS' : 'flat'}`;

/** True if nothing grows, and what was parked is delivered at the end. */
export const soak = async ({ minutes, leak }: SoakOptions): Promise<boolean> => {
  console.error(
    `starts the tables, the comets and their clients; then a sample each 10 s for ${minutes} min`,
  );
  const set = await openSet();
  const { comets, receivers, tables, clients } = set;
  await delay(READY_MS);
  const topic = createTopic({ name: 'goim-push-topic' });
  startSource(topic, set);
  const traffic = startTraffic(topic, receivers, RECORDS_PER_S);
  void breakComets(comets);
  if (leak !== undefined) startLeak(leak, Number(new URL(tables.ready.address).port));
  const samples = await takeSamples(set, minutes);
  const records = traffic.stop();
  for (const comet of comets) await comet.start();
  const isCaughtUp = await untilCaughtUp(set);
  const messages = await clients.ask<number>({});
  const verdicts = judge(samples);
  console.log(`${records} records, ${messages} messages to clients, caught up at the end: ${isCaughtUp}`);
  console.log(`${'median of the'.padEnd(24)}  2nd third   last third`);
  console.log(verdicts.map(lineOf).join('\n'));
  await Promise.all([tables.stop(), clients.stop()]);
  return isCaughtUp && messages > 0 && !verdicts.some(({ grows }) => grows);
};
