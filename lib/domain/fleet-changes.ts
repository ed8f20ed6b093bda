import type { RegistryAnswer } from './comet-entry.ts';
import type { Comet, FleetComet } from './fleet.ts';
import { FLEET_GRACE_S, LEFT_COMET_KEPT_S } from './limits.ts';

/** One item of the `Fleet` table to put, or to delete where there is no comet. */
export interface FleetChange {
  readonly id: string;
  readonly comet: FleetComet | undefined;
}

export type FleetById = ReadonlyMap<string, FleetComet>;

const isSame = (a: Comet, b: Comet): boolean =>
  a.zone === b.zone &&
  a.addresses.length === b.addresses.length &&
  a.addresses.every((address, i) => address === b.addresses[i]);

const isNamed = (comet: Comet, known: FleetComet | undefined): boolean =>
  known !== undefined && known.leftAt === undefined && isSame(comet, known);

/** A comet whose entry is refused is still named: a mistyped address is no reason to say that it has left. */
const namedIn = ({ comets, refused }: RegistryAnswer): Set<string> =>
  new Set([...comets, ...refused].map(({ id }) => id));

/** Since which good answer each comet has been absent; `at` is when the registry was asked. */
export const absences = (
  known: FleetById,
  before: ReadonlyMap<string, number>,
  answer: RegistryAnswer,
  at: number,
): Map<string, number> => {
  const named = namedIn(answer);
  const absent = [...known.values()].filter(({ id, leftAt }) => leftAt === undefined && !named.has(id));
  return new Map(absent.map(({ id }) => [id, before.get(id) ?? at]));
};

/** What a good answer of the registry changes: comets that came, moved, came back, left, or left long ago. */
export const fleetChanges = (
  known: FleetById,
  absentSince: ReadonlyMap<string, number>,
  answer: RegistryAnswer,
  at: number,
): FleetChange[] => {
  const named = namedIn(answer);
  const put = answer.comets.filter((comet) => !isNamed(comet, known.get(comet.id)));
  const leaving = [...known.values()].filter(
    ({ id }) => at - (absentSince.get(id) ?? at) >= FLEET_GRACE_S * 1000,
  );
  const forgotten = [...known.values()].filter(
    ({ id, leftAt }) => leftAt !== undefined && !named.has(id) && at - leftAt >= LEFT_COMET_KEPT_S * 1000,
  );
  return [
    ...put.map((comet) => ({ id: comet.id, comet })),
    ...leaving.map((comet) => ({ id: comet.id, comet: { ...comet, leftAt: at } })),
    ...forgotten.map(({ id }) => ({ id, comet: undefined })),
  ];
};

/** What differs between two readings of the table. */
export const fleetDifference = (before: FleetById, after: FleetById): FleetChange[] => {
  const ids = new Set([...before.keys(), ...after.keys()]);
  const isChanged = (old: FleetComet | undefined, comet: FleetComet | undefined): boolean =>
    old === undefined || comet === undefined || old.leftAt !== comet.leftAt || !isSame(old, comet);
  return [...ids]
    .filter((id) => isChanged(before.get(id), after.get(id)))
    .map((id) => ({ id, comet: after.get(id) }));
};
