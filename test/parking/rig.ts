import type { Comet } from '../../lib/domain/fleet.ts';
import { REDELIVER_LISTEN_MS } from '../../lib/domain/limits.ts';
import type { Op } from '../../lib/domain/op.ts';
import { DELIVERED, type Outcome } from '../../lib/domain/outcome.ts';
import type { Wake } from '../../lib/domain/wake.ts';
import { createPark, type ParkOptions } from '../../lib/parking/park.ts';
import { createRedeliver, type RedeliverDeps } from '../../lib/redeliver/redeliver.ts';
import { createBehindTable, createBehindWriter } from '../../lib/store/behind.ts';
import { createDeadLettersTable, createDeadLettersWriter } from '../../lib/store/dead-letters.ts';
import { createFleetComets, createFleetTable } from '../../lib/store/fleet.ts';
import { createLeasesTable } from '../../lib/store/leases.ts';
import { createParkedTable } from '../../lib/store/parked.ts';
import { tableNames } from '../../local/tables.ts';
import { recordLog } from '../log.ts';
import { openTestDynamoDb } from '../store/test-dynamodb.ts';
import { startTestTables } from '../tables.ts';
import { encoded } from './ops.ts';

export const START = 1_700_000_000_000;
const MINUTES_15 = 900_000;

/** What a comet says to ops; it may wait, and look at the tables meanwhile. */
export type Answer = (ops: readonly Op[], comet: Comet) => Outcome[] | Promise<Outcome[]>;

/** Parking and redelivery on real tables, in a time that only sleeps take. */
export const openRig = async () => {
  const tables = await startTestTables();
  const client = openTestDynamoDb(tables.endpoint);
  const names = tableNames();
  const tableOf = (id: string): string => names[id] ?? '';
  const parked = createParkedTable(client, tableOf('ParkedTable'));
  const behind = {
    ...createBehindTable(client, tableOf('BehindTable')),
    ...createBehindWriter(client, tableOf('BehindTable')),
  };
  const leases = createLeasesTable(client, tableOf('LeasesTable'));
  const fleet = createFleetTable(client, tableOf('FleetTable'));
  const letters = createDeadLettersTable(client, tableOf('DeadLettersTable'));

  const rig = {
    endpoint: tables.endpoint,
    now: START,
    answer: ((ops) => ops.map(() => DELIVERED)) as Answer,
    /** Offsets, a call each. */
    calls: [] as { readonly comet: string; readonly addresses: readonly string[]; readonly ids: string[] }[],
    wakes: [] as Wake[],
    sleeps: [] as number[],
    log: recordLog(),
    messageTtlS: 0,
    parked,
    behind,
    leases,
    fleet,
  };
  const wake = async (one: Wake): Promise<void> => {
    rig.wakes.push(one);
  };
  const clock = {
    now: () => rig.now,
    sleep: async (ms: number) => {
      rig.sleeps.push(ms);
      rig.now += Math.ceil(ms);
    },
  };
  let owners = 0;
  const deps = (): RedeliverDeps => ({
    behind,
    parked,
    fleet: createFleetComets(client, tableOf('FleetTable')),
    leases,
    deadLetters: createDeadLettersWriter(client, tableOf('DeadLettersTable'), clock.now),
    deliverer: {
      deliver: async (comet, ops) => {
        rig.calls.push({ comet: comet.id, addresses: comet.addresses, ids: ops.map(({ id }) => id) });
        return rig.answer(ops, comet);
      },
    },
    wake,
    clock,
    owner: () => `owner-${owners++}`,
    fingerprint: 'now',
    messageTtlS: rig.messageTtlS,
    log: rig.log,
  });

  return Object.assign(rig, {
    park: (comet: string, ops: readonly Op[], options: ParkOptions = { inFleet: true, replayed: false }) =>
      createPark({ parked, behind, wake, now: clock.now, log: rig.log })(comet, encoded(...ops), options),
    /** `more` replaces ports, to look into the middle of a turn. */
    redeliver: (one?: Wake, more: Partial<RedeliverDeps> = {}) =>
      createRedeliver({ ...deps(), ...more })(one, rig.now + MINUTES_15),
    deps,
    /** Sleeps, but those of a redelivery that lingers. */
    pauses: () => rig.sleeps.filter((ms) => ms !== REDELIVER_LISTEN_MS),
    join: (...comets: Comet[]) =>
      fleet.writeComets(
        comets.map((comet) => ({ id: comet.id, comet })),
        5_000,
      ),
    leave: (id: string, leftAt: number) =>
      fleet.writeComets([{ id, comet: { id, addresses: ['http://a'], leftAt } }], 5_000),
    /** The merge and the registry have answered just now, and all comets but these. */
    mergedAt: (at: number, ...silent: string[]) =>
      fleet.writeHeader({
        version: 1,
        mergedAt: at,
        fleetAt: at,
        fresh: new Set(),
        silent: new Set(silent),
      }),
    letters: async () => {
      const found: { id: string; reason: string }[] = [];
      for await (const page of letters.scan()) {
        for (const letter of page)
          found.push({ id: letter.id, reason: 'reason' in letter ? letter.reason : '' });
      }
      return found.sort((a, b) => a.id.localeCompare(b.id));
    },
    delivered: () => rig.calls.flatMap(({ ids }) => ids.map((id) => Number(id.split('/')[2]))),
    close: async () => {
      client.destroy();
      await tables.close();
    },
  });
};
export type Rig = Awaited<ReturnType<typeof openRig>>;
