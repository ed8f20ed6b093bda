import { setTimeout as pause } from 'node:timers/promises';
import type { InvokeFault } from '../../local/invoke-api/server.ts';
import type { FunctionName } from './functions.ts';
import { jumpClock } from './sandbox.ts';
import type { BatchFault } from './source.ts';
import type { Strike } from './strike.ts';

const invoke = (kind: string, functionName: FunctionName, fault: InvokeFault, most: number): Strike => ({
  kind,
  run: ({ invokes, faults }, random, struck) =>
    invokes.inject({
      functionName,
      fault,
      times: random.int(1, most),
      onHit: (nth) => {
        if (nth === 1) struck();
        faults.hit(kind);
      },
    }),
});

const batch = (kind: string, fault: BatchFault): Strike => ({
  kind,
  run: ({ source, faults }, _, struck) =>
    source.inject(fault, () => {
      struck();
      faults.hit(kind);
    }),
});

/** The clock goes back later, as when it is set right. */
const jump = (kind: string, sign: 1 | -1): Strike => ({
  kind,
  run: async (_, random, struck) => {
    const ms = sign * random.int(2_000, 45_000);
    jumpClock(ms);
    struck();
    await pause(random.int(1_000, 12_000));
    jumpClock(-ms);
  },
});

export const FUNCTION_STRIKES: readonly Strike[] = [
  invoke('deliver: crashes mid-way', 'deliver', 'crash', 2),
  invoke('deliver: times out', 'deliver', 'time-out', 2),
  invoke('deliver: throttled (429)', 'deliver', 'throttle', 6),
  invoke('deliver: its answer is lost', 'deliver', 'answer-lost', 2),
  invoke('deliver: the request is lost', 'deliver', 'request-lost', 2),
  invoke('redeliver: crashes', 'redeliver', 'crash', 1),
  invoke('redeliver: its wake is refused', 'redeliver', 'error', 2),
  invoke('redeliver: its wake is lost', 'redeliver', 'request-lost', 2),
  invoke('redeliver: its wake comes twice', 'redeliver', 'twice', 2),
  invoke('redeliver: its wake comes late', 'redeliver', 'late', 2),
  batch('batch: its answer is lost, it comes again', 'answer-lost'),
  batch('batch: comes again, cut in two', 'comes-cut'),
  batch('batch: comes again, longer', 'comes-longer'),
  batch('dispatch: dies', 'dies'),
  batch('dispatch: dies, its batch comes again in two', 'dies-and-comes-cut'),
  batch('dispatch: goes on beside its successor', 'zombie'),
  jump('clock: jumps forward and back', 1),
  jump('clock: jumps back and forward', -1),
  {
    kind: 'redeliver: two at once',
    run: async ({ functions, comets, tables, tableNames, faults }, random, struck) => {
      const kind = 'redeliver: two at once';
      for (let tries = 0; functions.running('redeliver').length === 0; tries++) {
        if (tries > 200) return;
        await pause(50);
      }
      for (const { id } of random.shuffle(comets)) {
        const Key = { name: { S: `redeliver#${id}` } };
        const TableName = tableNames['LeasesTable'] ?? '';
        const { Item } = (await tables.call('GetItem', { TableName, Key })) as { Item?: object };
        if (Item === undefined) continue;
        await tables.call('DeleteItem', { TableName, Key });
        const partitions = [0, 1, 2, 3].map((partition) => `goim-push-topic-${partition}`);
        functions.call('redeliver', { v: 1, comet: id, partitions }).catch(() => {});
        faults.hit(kind);
        struck();
        return;
      }
    },
  },
  {
    kind: 'mergeRooms: overlaps itself',
    run: ({ functions, faults }, random, struck) => {
      for (let count = random.int(1, 2); count > 0; count--) functions.call('mergeRooms', {}).catch(() => {});
      faults.hit('mergeRooms: overlaps itself');
      struck();
    },
  },
  {
    kind: 'deploy: another configuration, and back',
    run: async ({ deploy, functions, faults }, random, struck) => {
      for (const configuration of ['next', '']) {
        const owners = [...functions.running('mergeRooms'), ...functions.running('redeliver')];
        deploy(configuration);
        if (owners.length > 0) faults.hit('deploy: another configuration, and back');
        struck();
        // As who deploys does.
        for (const name of ['mergeRooms', 'redeliver'] as const) functions.call(name, {}).catch(() => {});
        await pause(random.int(2_000, 6_000));
      }
    },
  },
  {
    kind: 'replay: parks an old op again',
    run: async ({ replays, faults }, random, struck) => {
      for (let count = random.int(1, 4); count > 0; count--) {
        if (!(await replays.park())) return;
        faults.hit('replay: parks an old op again');
      }
      struck();
    },
  },
  {
    kind: 'replay: dispatches an old record again',
    run: async ({ replays, faults }, random, struck) => {
      for (let count = random.int(1, 4); count > 0; count--) {
        if (!(await replays.dispatch())) return;
        faults.hit('replay: dispatches an old record again');
      }
      struck();
    },
  },
];
