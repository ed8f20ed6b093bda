import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetReader } from '../../lib/store/fleet.ts';
import type { KafkaEvent } from '../event-source/batch.ts';
import { type EventSource, startEventSource } from '../event-source/event-source.ts';
import { HOST, type Ports } from '../ports.ts';
import { type Demonstration, prepareDemonstration } from './demonstration.ts';
import { usesReferenceComets } from './environment.ts';
import { type KnownComet, waitForFleet } from './fleet-wait.ts';
import { type Functions, Reloaded } from './functions.ts';
import type { LocalSet } from './local-set.ts';
import { readyLines } from './ready-lines.ts';
import type { Serverless } from './serverless.ts';
import { triggerOf } from './trigger.ts';

export interface RunOptions {
  readonly serverless: Serverless;
  readonly ports: Ports;
  readonly set: LocalSet;
  readonly functions: Functions;
  readonly say: (line: string) => void;
  /** What goes wrong, on stderr. */
  readonly warn: (line: string) => void;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

const API_TIMEOUT_MS = 30_000;
/** The first merge takes a second; the rest is for a machine that is busy. */
const FLEET_TIMEOUT_MS = 30_000;
/** A list becomes fresh 3 s after it was first written. */
const FRESH_MS = 10_000;
const ARRIVAL_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 100;
const MERGE_AGAIN_MS = 10_000;

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** Rejects if nothing does for too long. */
const untilListening = async (port: number, signal: AbortSignal): Promise<void> => {
  const endsAt = Date.now() + API_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (Date.now() > endsAt) throw new Error(`the Invoke API is not there after ${API_TIMEOUT_MS / 1000} s`);
    await delay(ASK_AGAIN_MS, undefined, { signal });
  }
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

const batchLine = ({ records }: KafkaEvent, startedAt: number): string => {
  const partitions = Object.values(records);
  const all = count(partitions.flat().length, 'record');
  const ms = Math.round(performance.now() - startedAt);
  return `dispatch: ${all} of ${count(partitions.length, 'partition')}, ${ms} ms`;
};

/** Reads the topic for `dispatch`; `onBatch` takes a line about each batch that is dealt with. */
export const startTrigger = (
  { serverless, set, functions, warn }: RunOptions,
  onBatch: (line: string) => void,
): EventSource => {
  const { batchSize, windowMs, source } = triggerOf(serverless);
  return startEventSource({
    reader: set.source.reader,
    invoke: async (event) => {
      const startedAt = performance.now();
      await functions.call('dispatch', event);
      onBatch(batchLine(event, startedAt));
    },
    origin: { ...source, bootstrapServers: set.source.bootstrapServers },
    batchSize,
    windowMs,
    log: (line) => warn(`dispatch: ${line}`),
  });
};

/**
 * At once, where the schedule would wait for the next full minute, and again whenever it ends: it goes on for 14 minutes, and a
 * reload ends it and leaves its lease for 30 s. While the schedule's own invocation is at work, this one ends at once.
 */
const keepMerging = async ({ functions, warn, signal }: RunOptions): Promise<void> => {
  while (!signal.aborted) {
    await functions.call('mergeRooms', {}).catch((error: unknown) => {
      if (signal.aborted || error instanceof Reloaded) return;
      warn(`mergeRooms: ${error instanceof Error ? `${error.name}: ${error.message}` : 'failed'}`);
    });
    await delay(MERGE_AGAIN_MS, undefined, { signal }).catch(() => {});
  }
};

const EMPTY_FLEET: Readonly<Record<string, string>> = {
  static: 'COMETS names no comet that can be used',
  discovery: 'DISCOVERY_URLS do not answer, or know no comet of that DISCOVERY_ENV',
};

/** A table is filled by its user, who cannot begin before there is one. */
const isFilledLater = (registry: string): boolean => registry === 'table';

const readFleet = async ({ serverless, set, signal, warn }: RunOptions): Promise<readonly KnownComet[]> => {
  const {
    FLEET_TABLE = '',
    COMETS_TABLE = '',
    REGISTRY = '',
  } = serverless.service.functions['mergeRooms']?.environment ?? {};
  const client = openDynamoDb({ endpoint: set.tablesUrl });
  if (isFilledLater(REGISTRY)) warn(`waits for a comet in the table ${COMETS_TABLE}`);
  try {
    const fleet = createFleetReader(client, FLEET_TABLE);
    const timeoutMs = isFilledLater(REGISTRY) ? Number.POSITIVE_INFINITY : FLEET_TIMEOUT_MS;
    const comets = await waitForFleet({ fleet, timeoutMs, freshMs: FRESH_MS, signal });
    if (comets.length > 0) return comets;
    throw new Error(`the fleet is empty: ${EMPTY_FLEET[REGISTRY] ?? EMPTY_FLEET['static']}`);
  } finally {
    client.destroy();
  }
};

const showDemonstration = async (
  { set, say }: RunOptions,
  topicUrl: string,
  demonstration: Demonstration,
): Promise<void> => {
  say('one push of each kind, from the topic to WebSocket clients; the first ones start the functions:');
  const { topicName } = set.source;
  await demonstration.show({ topicUrl, topicName, timeoutMs: ARRIVAL_TIMEOUT_MS, log: say });
};

/** To the lines that say `ready`. Rejects with what is missing for that. */
export const makeReady = async (options: RunOptions): Promise<void> => {
  const { ports, set, say, signal } = options;
  const { source } = set;
  // A real topic is the user's: nothing that is only to be shown may stand in it.
  const isShown = source.produceUrl !== undefined && usesReferenceComets();
  const demonstration = isShown ? await prepareDemonstration(set.comets) : undefined;
  try {
    await untilListening(ports.lambda, signal);
    void keepMerging(options);
    const [fleet] = await Promise.all([readFleet(options), source.start()]);
    if (demonstration !== undefined) await showDemonstration(options, source.produceUrl ?? '', demonstration);
    for (const line of readyLines({ ports, set, fleet })) say(line);
  } finally {
    await demonstration?.close();
  }
};
