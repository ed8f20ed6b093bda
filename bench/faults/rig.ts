import { setTimeout as delay } from 'node:timers/promises';
import { createBehindTable } from '../../lib/store/behind.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetTable } from '../../lib/store/fleet.ts';
import {
  contextOf,
  DISPATCH_LIMIT_MS,
  type Endpoints,
  functionEnvironment,
} from '../../local/set/function-environment.ts';
import { startChild } from '../child.ts';
import { nowMs } from './clock.ts';
import type { CometReport } from './comet-tally.ts';
import type { CometQuestion } from './comets-child.ts';

/** `dispatch` in this process; DynamoDB, the comets and `redeliver` in one each. */
export interface Rig {
  dispatch(event: unknown): Promise<unknown>;
  /** Answers when it was done. */
  set(comet: string, state: 'stop' | 'hang' | 'start'): Promise<number>;
  /** Of each comet, since the last `forget`. */
  reports(): Promise<readonly CometReport[]>;
  forget(): Promise<void>;
  /** Resolves once so many ops have been delivered, or rejects with what is missing. */
  delivered(ops: number): Promise<void>;
  /** When the last mark went; undefined: it has not within the time. */
  untilCaughtUp(patienceMs: number): Promise<number | undefined>;
  close(): Promise<void>;
}

const SEED_MS = 10_000;
const HEADER_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 50;
/** Looks in a row that find no mark: a partition that fell behind once more has not caught up. */
const EMPTY_LOOKS = 5;
const LATE_MS = 10_000;

/** In place of mergeRooms: the fleet as it is, and a header that stays fresh. */
const keepFleet = async ({ tables }: Endpoints, addresses: Readonly<Record<string, string>>) => {
  const db = openDynamoDb();
  const fleet = createFleetTable(db, tables['FleetTable'] ?? '');
  const fresh = new Set(Object.keys(addresses));
  const changes = Object.entries(addresses).map(([id, address]) => ({
    id,
    comet: { id, addresses: [address] },
  }));
  const { failure } = await fleet.writeComets(changes, SEED_MS);
  if (failure !== undefined) throw failure;
  const write = () =>
    fleet
      .writeHeader({ version: 1, mergedAt: Date.now(), fleetAt: Date.now(), fresh, silent: new Set() })
      .catch(() => false);
  await write();
  const timer = setInterval(write, HEADER_EVERY_MS);
  return { db, stop: () => clearInterval(timer) };
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
    args: [`${comets}`],
  });
  const endpoints = { ...at, lambda: redeliver.ready.address };
  Object.assign(process.env, functionEnvironment(endpoints));
  const { db, stop } = await keepFleet(endpoints, gateway.ready);
  const { handler } = await import('../../functions/dispatch.ts');
  const behind = createBehindTable(db, at.tables['BehindTable'] ?? '');
  const ask = <Answer>(question: CometQuestion): Promise<Answer> => gateway.ask<Answer>(question);
  return {
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
      stop();
      db.destroy();
      await Promise.all([tables.stop(), redeliver.stop(), gateway.stop()]);
    },
  };
};
