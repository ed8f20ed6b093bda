import { lanesOf } from './lanes.ts';
import { REFUSED_AFTER_FAILURES } from './limits.ts';
import type { Op } from './op.ts';

/** Tells an op that a comet cannot take from a comet that takes nothing. */
export interface Suspects {
  /** The op failed alone. True once it has done so often enough, each time while the comet took other ops. */
  failedAlone(op: Op): boolean;
  took(ops: readonly Op[]): void;
}

interface Suspect {
  readonly lanes: ReadonlySet<string>;
  failures: number;
  /** Since its last failure the comet took an op that shares no key or room with it. */
  othersTaken: boolean;
}

const isApart = ({ lanes }: Suspect, op: Op): boolean => lanesOf(op).every((lane) => !lanes.has(lane));

export const createSuspects = (): Suspects => {
  const suspectById = new Map<string, Suspect>();
  return {
    failedAlone: (op) => {
      const suspect = suspectById.get(op.id) ?? {
        lanes: new Set(lanesOf(op)),
        failures: 0,
        othersTaken: true,
      };
      suspectById.set(op.id, suspect);
      if (suspect.othersTaken) suspect.failures += 1;
      suspect.othersTaken = false;
      const isProven = suspect.failures >= REFUSED_AFTER_FAILURES;
      if (isProven) suspectById.delete(op.id);
      return isProven;
    },
    took: (ops) => {
      for (const { id } of ops) suspectById.delete(id);
      for (const suspect of suspectById.values()) {
        suspect.othersTaken ||= ops.some((op) => isApart(suspect, op));
      }
    },
  };
};
