import type { EncodedOp } from './batch.ts';
import type { Comet } from './fleet.ts';
import type { Mark } from './mark.ts';
import { coordinatesOf, partitionName } from './push-message.ts';

/** One that is not in the fleet has no addresses. */
export const isInFleet = ({ addresses }: Comet): boolean => addresses.length > 0;

const placeOf = (partition: string, comet: string): string => `${partition}#${comet}`;

/** Which ops are parked without trying: those of a comet that is behind on their partition, or that is not there. */
export const holdBack = (marks: readonly Mark[]): ((comet: Comet, op: EncodedOp) => boolean) => {
  const behind = new Set(marks.map(({ partition, comet }) => placeOf(partition, comet)));
  const isBehind = ({ id }: Comet, { op }: EncodedOp): boolean =>
    behind.size > 0 && behind.has(placeOf(partitionName(coordinatesOf(op.id)), id));
  return (comet, op) => !isInFleet(comet) || isBehind(comet, op);
};
