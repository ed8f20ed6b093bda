import { cometId } from '../events.ts';
import type { Figure } from './figure.ts';
import type { Options } from './options.ts';
import { type Outage, runOutage } from './outage.ts';
import type { Rig } from './rig.ts';

const AIM_S = 10;
const STOP = { comet: cometId(0), begin: 'stop', end: 'start' } as const;
const CATCH_UP = { partitions: 4, everyMs: 100, opsPerS: 1_000 };

/** `partitions`, each with a batch each `everyMs`. */
const LIVE = [
  { partitions: 1, everyMs: 45, opsPerS: 1_000 },
  { partitions: 20, everyMs: 100, opsPerS: 1_000 },
];
const SHORT_MS = 1_000;

const orderFigure = (name: string, outages: readonly Outage[]): Figure => ({
  title: `${name}: out of order`,
  samples: [outages.reduce((sum, { inversions }) => sum + inversions, 0)],
  unit: 'ops',
  below: 0,
});

/** A comet was down and comes back: how long until it has all that waited. */
export const catchUp = async (rig: Rig, { outageMs }: Options): Promise<Figure[]> => {
  const outage = await runOutage(rig, CATCH_UP, { ...STOP, ms: outageMs });
  const name = `catch-up: down ${outageMs / 1000} s at ${CATCH_UP.opsPerS} ops/s`;
  return [
    {
      title: `${name}, caught up after its return in`,
      samples: [outage.caughtUpAfterS],
      unit: 's',
      below: AIM_S,
    },
    { title: `${name}, of that until it is tried again`, samples: [outage.seenAfterS], unit: 's' },
    { title: `${name}, then drained at`, samples: [outage.drainRate], unit: 'ops/s' },
    orderFigure(name, [outage]),
  ];
};

/** What is new for a comet that is behind waits too: whether it catches up while the traffic goes on. */
export const live = async (rig: Rig, { outageMs }: Options): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const traffic of LIVE) {
    for (const ms of [SHORT_MS, outageMs]) {
      const { partitions, everyMs } = traffic;
      const outage = await runOutage(rig, traffic, { ...STOP, ms });
      const name = `live: ${partitions} × a batch each ${everyMs} ms, down ${ms / 1000} s`;
      figures.push(
        {
          title: `${name}, last mark gone after`,
          samples: [outage.caughtUpAfterS],
          unit: 's',
          below: Number.POSITIVE_INFINITY,
        },
        { title: `${name}, of that until it is tried again`, samples: [outage.seenAfterS], unit: 's' },
        { title: `${name}, batches / those due`, samples: [outage.pace], unit: '×' },
        orderFigure(name, [outage]),
      );
    }
  }
  return figures;
};
