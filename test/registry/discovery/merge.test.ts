import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CometClient } from '../../../lib/comet/client.ts';
import type { Comet } from '../../../lib/domain/fleet.ts';
import { FLEET_GRACE_S, MERGE_END_MS } from '../../../lib/domain/limits.ts';
import { createMergeRooms } from '../../../lib/merge-rooms/merge-rooms.ts';
import { createDiscoveryRegistry } from '../../../lib/registry/discovery/discovery.ts';
import { createMemoryTables, openSession } from '../../merge-rooms/memory-tables.ts';
import { createVirtualClock } from '../../merge-rooms/virtual-clock.ts';
import { type DiscoveryStub, type StubFault, startDiscoveryStub } from './stub.ts';

/** The merge with a real node of discovery, in virtual time: it stands still while the node is asked. */

const START = 1_700_000_000_000;
const ONE = { hostname: 'comet-1', addrs: ['grpc://one:3109'] };
const TWO = { hostname: 'comet-2', addrs: ['grpc://two:3109'] };
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'grpc://one:3109': ['r1', 'both'],
  'grpc://two:3109': ['r2', 'both'],
  'grpc://moved:3109': ['r2', 'both'],
};

const createWorld = (stub: DiscoveryStub) => {
  const clock = createVirtualClock(START);
  const tables = createMemoryTables();
  const closed: string[] = [];
  const problems: string[] = [];
  const asked: { ms: number; address: string }[] = [];
  const discovery = createDiscoveryRegistry({
    urls: [stub.url],
    appid: 'goim.comet',
    env: 'dev',
    now: clock.now,
  });
  const openComet = ({ addresses: [address = ''] }: Comet): CometClient => ({
    rooms: async () => {
      asked.push({ ms: clock.now() - START, address });
      return new Set(ROOMS[address]);
    },
    deliver: () => Promise.reject(new Error('not asked for')),
    close: () => closed.push(address),
  });
  const { fleet, rooms, leases } = openSession(tables, clock);
  const mergeRooms = createMergeRooms({
    fleet,
    rooms,
    leases,
    registry: { ...discovery, comets: (signal) => clock.busy(discovery.comets(signal)) },
    sweep: async () => 0,
    openComet,
    clock,
    owner: () => 'one',
    fingerprint: '',
    log: {
      info: () => {},
      warn: (message, { registry, appid, env } = {}) =>
        problems.push([message, registry, appid, env].filter(Boolean).join(' ')),
      error: (message) => problems.push(message),
      metric: () => {},
      flush: () => {},
    },
  });
  return {
    closed,
    problems,
    tables,
    askedFrom: (ms: number) => new Set(asked.filter((ask) => ask.ms >= ms).map(({ address }) => address)),
    after: (ms: number, action: () => void) => clock.at(START + ms, action),
    merge: (ms: number) => clock.run(mergeRooms({ endsAt: START + ms + MERGE_END_MS })),
    roomsOf: (id: string) =>
      [...tables.items.values()].filter(({ comets }) => comets.includes(id)).map(({ room }) => room),
    fleet: () =>
      [...tables.comets.values()]
        .sort((a, b) => a.id.localeCompare(b.id))
        .map(({ id, addresses, leftAt }) => ({
          id,
          addresses,
          ...(leftAt === undefined ? {} : { leftMs: leftAt - START }),
        })),
  };
};

describe('the merge with discovery', () => {
  let stub: DiscoveryStub;
  let world: ReturnType<typeof createWorld>;
  beforeEach(async () => {
    stub = await startDiscoveryStub({ host: '127.0.0.1', port: 0 });
    stub.setInstances([ONE, TWO]);
    world = createWorld(stub);
  });
  afterEach(() => stub.close());

  const comets = [
    { id: 'comet-1', addresses: ONE.addrs },
    { id: 'comet-2', addresses: TWO.addrs },
  ];

  it('replaces the client of a comet whose address has changed (goim J14)', async () => {
    world.after(5_500, () => stub.register({ ...TWO, addrs: ['grpc://moved:3109'] }));
    await world.merge(15_000);
    expect(world.fleet()).toEqual([comets[0], { id: 'comet-2', addresses: ['grpc://moved:3109'] }]);
    expect(world.closed).toContain('grpc://two:3109');
    expect(world.askedFrom(7_000)).toEqual(new Set(['grpc://one:3109', 'grpc://moved:3109']));
    expect(world.roomsOf('comet-2').sort()).toEqual(['both', 'r2']);
  });

  it('lets a comet that is gone leave after its grace, and its rooms with it', async () => {
    world.after(5_500, () => stub.setInstances([ONE]));
    await world.merge(30_000);
    expect(world.fleet()).toEqual([comets[0], { ...comets[1], leftMs: 6_000 + FLEET_GRACE_S * 1000 }]);
    expect(world.roomsOf('comet-2')).toEqual([]);
    expect(world.roomsOf('comet-1').sort()).toEqual(['both', 'r1']);
    expect(world.closed).toContain('grpc://two:3109');
  });

  it('keeps the fleet while a comet is away for less than its grace', async () => {
    world.after(5_500, () => stub.setInstances([ONE]));
    world.after(14_500, () => stub.setInstances([ONE, TWO]));
    await world.merge(40_000);
    expect(world.fleet()).toEqual(comets);
    expect(world.roomsOf('comet-2').sort()).toEqual(['both', 'r2']);
  });

  it.each([
    ['protected', 'protected'],
    ['reset', 'reset'],
    ['-404', { body: '{"code":-404,"data":null}' }],
    ['no instance', { body: '{"code":0,"data":{"instances":{"sh001":[]}}}' }],
    ['-500', { body: '{"code":-500,"data":null}' }],
    ['garbage', { body: '{{' }],
  ] as [string, StubFault][])(
    'keeps the fleet and its rooms while discovery answers %s',
    async (_name, fault) => {
      world.after(5_500, () => stub.fail(fault));
      await world.merge(90_000);
      expect(world.fleet()).toEqual(comets);
      expect(world.roomsOf('comet-1').sort()).toEqual(['both', 'r1']);
      expect(world.roomsOf('comet-2').sort()).toEqual(['both', 'r2']);
      expect(world.problems).toEqual([
        'the registry names no fleet, so the last one stays discovery goim.comet dev',
      ]);
    },
  );

  it('keeps a comet whose instance has become bad, and takes the changes of the others (goim J13)', async () => {
    world.after(5_500, () =>
      stub.setInstances([
        { ...ONE, addrs: ['http://one:80'] },
        { ...TWO, addrs: ['grpc://moved:3109'] },
      ]),
    );
    await world.merge(60_000);
    expect(world.fleet()).toEqual([comets[0], { id: 'comet-2', addresses: ['grpc://moved:3109'] }]);
    expect(world.problems).toEqual([
      'registry entries refused: comet-1: it has no grpc:// or grpcs:// address',
    ]);
  });
});
