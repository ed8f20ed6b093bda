import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../local/comet/faults.ts';
import type { Random } from '../random.ts';
import type { ChaosComet } from './comets.ts';
import type { Strike } from './strike.ts';

const opsPath = { http: '/v1/ops', grpc: undefined, gorpc: undefined } as const;
const roomsPath = { http: '/v1/rooms', grpc: '/goim.comet.Comet/Rooms', gorpc: 'PushRPC.Rooms' } as const;

/** A fault for a while. */
const during = (
  kind: string,
  [fromMs, toMs]: readonly [number, number],
  faultOf: (random: Random, comet: ChaosComet) => Fault,
): Strike => ({
  kind,
  cometMs: toMs,
  run: async (_, random, struck, comet) => {
    const heal = comet.fallIll();
    comet.setFault(faultOf(random, comet));
    struck();
    await pause(random.int(fromMs, toMs));
    comet.setFault();
    heal();
  },
});

const times = (random: Random, most: number) => ({ times: random.int(1, most) });

const slow = (random: Random, [fromMs, toMs]: readonly [number, number]) => ({
  kind: 'slow' as const,
  ms: random.int(fromMs, toMs),
  applies: random.pick(['first', 'late'] as const),
});

/** Only HTTP has an answer to a part of a batch; over the other wires some calls of a batch fail. */
const partly = (random: Random, { wire }: ChaosComet): Fault =>
  wire === 'http'
    ? { kind: 'partial', done: random.int(0, 8), path: '/v1/ops', ...times(random, 4) }
    : { kind: 'status', status: 500, ...times(random, 3) };

export const COMET_STRIKES: readonly Strike[] = [
  during('comet: hangs', [1_000, 4_500], () => ({ kind: 'hang' })),
  during('comet: resets', [200, 2_000], (random) => ({ kind: 'reset', ...times(random, 8) })),
  during('comet: answers 500', [300, 3_000], () => ({ kind: 'status', status: 500 })),
  during('comet: busy (503)', [300, 2_500], (random) => ({ kind: 'busy', retryAfterS: random.int(0, 1) })),
  during('comet: answers slowly', [800, 3_000], (random, { wire }) => ({
    ...slow(random, [100, 1_500]),
    ...(opsPath[wire] === undefined ? {} : { path: opsPath[wire] }),
  })),
  during('comet: answers after the deadline', [3_000, 5_000], (random) => ({
    ...slow(random, [3_100, 4_500]),
    ...times(random, 3),
  })),
  during('comet: applies, answer breaks off', [300, 1_500], (random) => ({
    kind: 'half',
    ...times(random, 4),
  })),
  during('comet: applies, answer stalls', [2_000, 4_000], (random) => ({
    kind: 'stall',
    ...times(random, 3),
  })),
  during('comet: takes a part', [300, 2_000], partly),
  during('comet: Rooms fails', [2_000, 7_000], (random, { wire }) => ({
    ...random.pick([{ kind: 'status', status: 500 } as const, { kind: 'hang' } as const]),
    path: roomsPath[wire],
  })),
  {
    kind: 'comet: refuses connections',
    cometMs: 5_000,
    run: async (_, random, struck, comet) => {
      const heal = comet.fallIll();
      await comet.stop();
      struck();
      await pause(random.int(300, 5_000));
      await comet.start();
      heal();
    },
  },
  {
    kind: 'comet: restarts',
    cometMs: 4_000,
    run: async (_, random, struck, comet) => {
      const heal = comet.fallIll();
      struck();
      await comet.restart(random.int(200, 2_000));
      heal();
    },
  },
  {
    kind: 'comet: changes its address',
    cometMs: 6_000,
    run: async ({ registry }, random, struck, comet) => {
      const heal = comet.fallIll();
      struck();
      await comet.move(random.int(100, 1_000));
      registry.refresh();
      await pause(2_000);
      heal();
    },
  },
  {
    kind: 'registry: fails',
    discoveryOnly: true,
    run: async ({ registry, faults }, random, struck) => {
      registry.fail(random.pick(['hang', 'reset', 'protected'] as const));
      struck();
      faults.hit('registry: fails');
      await pause(random.int(2_000, 8_000));
      registry.recover();
    },
  },
  {
    kind: 'registry: a comet vanishes and comes back',
    cometMs: 36_000,
    run: async ({ registry, ledger }, random, struck, comet) => {
      const heal = comet.fallIll();
      registry.hide(comet.id);
      struck();
      // Until it has left the fleet, or for so long in vain: the merge that is to see it gone may die.
      const hasLeft = () =>
        ledger.absences.some(({ comet: id, to }) => id === comet.id && to === Number.POSITIVE_INFINITY);
      const startedAt = performance.now();
      while (!hasLeft() && performance.now() - startedAt < 30_000) await pause(200);
      await pause(random.int(1_000, 6_000));
      registry.show(comet.id);
      heal();
    },
  },
];
