import type { Random } from '../random.ts';
import type { ChaosComet } from './comets.ts';
import type { World } from './world.ts';

/** One kind of fault. */
export interface Strike {
  readonly kind: string;
  /** Needs a comet that nothing else is done to, for so long at most. */
  readonly cometMs?: number;
  /** Only where the fleet comes from bilibili/discovery. */
  readonly discoveryOnly?: boolean;
  /** Resolves when it is over; `struck` is called once it has met something. */
  run(world: World, random: Random, struck: () => void, comet: ChaosComet): Promise<void> | void;
}
