import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetReader } from '../../lib/store/fleet.ts';
import { type EventSource, startEventSource } from '../event-source/event-source.ts';
import { HOST, type Ports } from '../ports.ts';
import { type Demonstration, prepareDemonstration } from './demonstration.ts';
import { usesReferenceComets } from './environment.ts';
import { type Functions, Reloaded } from './functions.ts';
import type { LocalSet } from './local-set.ts';
import type { Serverless } from './serverless.ts';
import { triggerOf } from './trigger.ts';

export interface RunOptions {
  readonly serverless: Serverless;
  readonly ports: Ports;
  readonly set: LocalSet;
  readonly functions: Functions;
  readonly log: (line: string) => void;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

const API_TIMEOUT_MS = 30_000;
/** A list becomes fresh 3 s after it was first written; the rest is for a machine that is busy. */
const FRESH_TIMEOUT_MS = 30_000;
const ARRIVAL_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 100;
const MERGE_AGAIN_MS = 10_000;

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** Rejects after the time-out with what was waited for. */
const until = async (
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  holds: () => Promise<boolean>,
): Promise<void> => {
  const endsAt = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > endsAt) throw new Error(`${what} is not there after ${timeoutMs / 1000} s`);
    await delay(ASK_AGAIN_MS, undefined, { signal });
  }
};

/** Reads the topic for `dispatch`. */
export const startTrigger = ({ serverless, set, functions, log }: RunOptions): EventSource => {
  const { batchSize, windowMs, source } = triggerOf(serverless);
  return startEventSource({
    reader: set.source.reader,
    invoke: (event) => functions.call('dispatch', event),
    origin: { ...source, bootstrapServers: set.source.bootstrapServers },
    batchSize,
    windowMs,
    log: (line) => log(`dispatch: ${line}`),
  });
};

/**
 * At once, where the schedule would wait for the next full minute, and again whenever it ends: it goes on for 14 minutes, and a
 * reload ends it and leaves its lease for 30 s. While the schedule's own invocation is at work, this one ends at once.
 */
const keepMerging = async ({ functions, log, signal }: RunOptions): Promise<void> => {
  while (!signal.aborted) {
    await functions.call('mergeRooms', {}).catch((error: unknown) => {
      if (signal.aborted || error instanceof Reloaded) return;
      log(`mergeRooms: ${error instanceof Error ? `${error.name}: ${error.message}` : 'failed'}`);
    });
    await delay(MERGE_AGAIN_MS, undefined, { signal }).catch(() => {});
  }
};

const untilFresh = async ({ serverless, set, signal }: RunOptions): Promise<void> => {
  const table = serverless.service.functions['mergeRooms']?.environment?.['FLEET_TABLE'] ?? '';
  const client = openDynamoDb({ endpoint: set.tablesUrl });
  const fleet = createFleetReader(client, table);
  try {
    await until('a fresh room list of every comet', FRESH_TIMEOUT_MS, signal, async () => {
      const header = await fleet.readHeader();
      return set.comets.every(({ id }) => header?.fresh.has(id));
    });
  } finally {
    client.destroy();
  }
};

const readyLine = ({ set, ports }: RunOptions): string => {
  const clients = set.comets.map(
    ({ id, clientUrl, apiUrl, grpcUrl, gorpcUrl }) =>
      `${id} ${clientUrl} (${apiUrl}, ${grpcUrl ?? gorpcUrl})`,
  );
  const { produceUrl, bootstrapServers, topicName } = set.source;
  return [
    produceUrl === undefined
      ? `ready: reads ${topicName} of ${bootstrapServers}`
      : `ready: produce to ${produceUrl}/topics/${topicName}`,
    ...clients,
    `Lambda http://${HOST}:${ports.lambda}`,
    `DynamoDB ${set.tablesUrl}`,
    `console http://${HOST}:${ports.console}/`,
  ].join(', ');
};

const showDemonstration = async (
  options: RunOptions,
  topicUrl: string,
  demonstration: Demonstration,
): Promise<void> => {
  const { set, log } = options;
  await untilFresh(options);
  log('one push of each kind, from the topic to WebSocket clients; the first ones start the functions:');
  const { topicName } = set.source;
  await demonstration.show({ topicUrl, topicName, timeoutMs: ARRIVAL_TIMEOUT_MS, log });
};

/** To the line that says `ready`, once the Invoke API is up. Rejects if the demonstration fails. */
export const makeReady = async (options: RunOptions): Promise<void> => {
  const { ports, set, log, signal } = options;
  const { source } = set;
  // A real topic is the user's: nothing that is only to be shown may stand in it.
  const isShown = source.produceUrl !== undefined && usesReferenceComets();
  const demonstration = isShown ? await prepareDemonstration(set.comets) : undefined;
  try {
    await until('the Invoke API', API_TIMEOUT_MS, signal, () => isListening(ports.lambda));
    void keepMerging(options);
    source.start();
    if (demonstration !== undefined) await showDemonstration(options, source.produceUrl ?? '', demonstration);
  } finally {
    await demonstration?.close();
  }
  log(readyLine(options));
};
