import { MAX_BLOCK_BYTES } from '../../lib/domain/limits.ts';
import type { Figures } from '../cost/figures.ts';
import { QUIET } from '../cost/idle.ts';
import { recordsMillion } from '../cost/records.ts';
import { simulate } from '../cost/simulate.ts';
import type { Cell } from './measure.ts';

const PUSH_PER_S = 1_000;
/** Of a record of 100 bytes, about: its JSON has the body in base64, an id, a key and a time. */
const OP_BYTES = 220;

/** Dollars a million records by the cost model; `by-size` is billed as the way that its mean delivery goes. */
export const millionDollars = (figures: Figures, { comets, windowS, way }: Cell): number => {
  if (way !== 'by-size') return recordsMillion(figures, { comets, windowS, delivery: way });
  const set = { ...QUIET, push: PUSH_PER_S, comets, windowS, delivery: 'inline' } as const;
  const { batches } = simulate(figures, set);
  const isSmall = (OP_BYTES * batches.records) / batches.comets <= MAX_BLOCK_BYTES;
  return recordsMillion(figures, { comets, windowS, delivery: isSmall ? 'inline' : 'invoke' });
};
