import { REDELIVER_END_MS } from '../domain/limits.ts';
import type { Wake } from '../domain/wake.ts';
import { type RedeliverCometDeps, type RedeliverEnd, redeliverComet } from './comet.ts';
import { type SweepDeps, sweep } from './sweep.ts';

export interface RedeliverDeps extends RedeliverCometDeps, SweepDeps {
  readonly behind: RedeliverCometDeps['behind'] & SweepDeps['behind'];
}

/** `swept`: every comet that is behind has been woken. */
export type Redeliver = (wake: Wake | undefined, endsAt: number) => Promise<RedeliverEnd | 'swept'>;

/** Finds what no wake has reached: its `dispatch` died, or a redelivery ended early. */
const sweepAll = async (deps: RedeliverDeps): Promise<'swept'> => {
  const failed = await sweep(deps);
  if (failed > 0) deps.log.warn('redeliver could not be woken', { comets: failed });
  return 'swept';
};

/** With a wake, brings one comet up to date, or tells who does; without, wakes one for each comet that is behind. `endsAt` (ms) is when Lambda stops it. */
export const createRedeliver =
  (deps: RedeliverDeps): Redeliver =>
  (wake, endsAt) =>
    wake === undefined ? sweepAll(deps) : redeliverComet(deps, wake, endsAt - REDELIVER_END_MS);
