import { cometId } from '../events.ts';
import type { CometState } from './comets-child.ts';
import type { Figure } from './figure.ts';
import type { Options } from './options.ts';
import { type Outage, runOutage } from './outage.ts';
import { PROXIED, type Rig } from './rig.ts';

/** What a comet of some thousand clients gets in a busy moment. */
const LOAD = { partitions: 4, everyMs: 100, opsPerS: 120 };
const AIM_S = 2;
const MAX_ROUNDS = 3;

const OUTAGES: readonly { readonly title: string; readonly begin: CometState; readonly ms: number }[] = [
  { title: 'refused connections for 5 s', begin: 'refuse', ms: 5_000 },
  { title: 'swallowed bytes for 10 s', begin: 'swallow', ms: 10_000 },
  { title: 'reset connections', begin: 'reset', ms: 0 },
];

/** Behind a proxy that cuts the way to one comet: how soon after its end that comet is up to date. */
export const back = async (rig: Rig, { pairs }: Options): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const [place, wire] of PROXIED.entries()) {
    const comet = cometId(rig.comets + place);
    const load = { ...LOAD, first: { partition: 0, comet: rig.comets + place } };
    for (const { title, begin, ms } of OUTAGES) {
      const outages: Outage[] = [];
      for (let round = 0; round < Math.min(pairs, MAX_ROUNDS); round += 1)
        outages.push(await runOutage(rig, load, { comet, begin, end: 'mend', ms }));
      const name = `back, ${wire}: ${title}`;
      figures.push(
        {
          title: `${name}, up to date after`,
          samples: outages.map(({ caughtUpAfterS }) => caughtUpAfterS),
          unit: 's',
          below: AIM_S,
        },
        {
          title: `${name}: out of order`,
          samples: outages.map(({ inversions }) => inversions),
          unit: 'ops',
          below: 0,
        },
      );
    }
  }
  return figures;
};
