import { setTimeout as delay } from 'node:timers/promises';
import { createBehindTable } from '../../lib/store/behind.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetReader, type FleetReader } from '../../lib/store/fleet.ts';
import {
  contextOf,
  DISPATCH_LIMIT_MS,
  type Endpoints,
  functionEnvironment,
} from '../../local/set/function-environment.ts';
import { startChild } from '../child.ts';
import { nowMs } from './clock.ts';
import type { CometReport } from './comet-tally.ts';
import type { CometQuestion, CometState } from './comets-child.ts';

/** `dispatch` in this process; DynamoDB, the comets, `mergeRooms` and `redeliver` in one each. */
export interface Rig {
  /** Without those behind a proxy. */
  readonly comets: number;
  dispatch(event: unknown): Promise<unknown>;
  /** Answers when it was done. */
  set(comet: string, state: CometState): Promise<number>;
  /** Of each comet, since the last `forget`. */
  reports(): Promise<readonly CometReport[]>;
  forget(): Promise<void>;
  /** Resolves once so many ops have been delivered, or rejects with what is missing. */
  delivered(ops: number): Promise<void>;
  /** When the last mark went; undefined: it has not within the time. */
  untilCaughtUp(patienceMs: number): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Of the comets beyond those that are counted: the way to each goes through a proxy. */
export const PROXIED = ['http', 'grpc'] as const;

const FRESH_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** Looks in a row that find no mark: a partition that fell behind once more has not caught up. */
const EMPTY_LOOKS = 5;
const LATE_MS = 10_000;

/** Resolves once `mergeRooms` has every comet's list, which makes it fresh. */
const untilFresh = async (fleet: FleetReader, comets: number): Promise<void> => {
  for (const endsAt = nowMs() + FRESH_MS; nowMs() < endsAt; await delay(LOOK_EVERY_MS))
    if ((await fleet.readHeader())?.fresh.size === comets) return;
  throw new Error('the comets have not become fresh');
};

/** When it became empty, and stayed so. */
const untilEmpty = async (
  scan: () => Promise<readonly unknown[]>,
  patienceMs: number,
): Promise<number | undefined> => {
  const empty: number[] = [];
  for (const endsAt = nowMs() + patienceMs; nowMs() < endsAt; await delay(LOOK_EVERY_MS)) {
    const at = nowMs();
    if ((await scan()).length > 0) empty.length = 0;
    else if (empty.push(at) >= EMPTY_LOOKS) return empty[0];
  }
  return undefined;
};

export const openRig = async (comets: number): Promise<Rig> => {
  const tables = await startChild<{ address: string; tables: Endpoints['tables'] }>(
    new URL('../peers/tables.ts', import.meta.url),
  );
  const at = { dynamodb: tables.ready.address, tables: tables.ready.tables };
  const redeliver = await startChild<{ address: string }>(new URL('./redeliver-child.ts', import.meta.url), {
    args: [at.dynamodb, JSON.stringify(at.tables)],
  });
  const gateway = await startChild<Record<string, string>>(new URL('./comets-child.ts', import.meta.url), {
    args: [`${comets}`, PROXIED.join(',')],
  });
  const endpoints = { ...at, lambda: redeliver.ready.address };
  Object.assign(process.env, functionEnvironment(endpoints));
  const mergeRooms = await startChild(new URL('./merge-child.ts', import.meta.url), {
    args: [JSON.stringify(endpoints), JSON.stringify(gateway.ready)],
  });
  const db = openDynamoDb();
  await untilFresh(createFleetReader(db, at.tables['FleetTable'] ?? ''), comets + PROXIED.length);
  const { handler } = await import('../../functions/dispatch.ts');
  const behind = createBehindTable(db, at.tables['BehindTable'] ?? '');
  const ask = <Answer>(question: CometQuestion): Promise<Answer> => gateway.ask<Answer>(question);
  return {
    comets,
    dispatch: (event) => handler(event, contextOf(DISPATCH_LIMIT_MS)),
    set: (comet, state) => ask<number>({ do: state, comet }),
    reports: () => ask<CometReport[]>({ do: 'report' }),
    forget: async () => void (await ask({ do: 'forget' })),
    delivered: async (ops) => {
      let count = await ask<number>({ do: 'count' });
      for (const endsAt = nowMs() + LATE_MS; count < ops && nowMs() < endsAt; ) {
        await delay(LOOK_EVERY_MS);
        count = await ask<number>({ do: 'count' });
      }
      if (count !== ops) throw new Error(`${count} ops were delivered instead of ${ops}`);
    },
    untilCaughtUp: (patienceMs) => untilEmpty(behind.scan, patienceMs),
    close: async () => {
      db.destroy();
      await Promise.all([tables, redeliver, gateway, mergeRooms].map((child) => child.stop()));
    },
  };
};
