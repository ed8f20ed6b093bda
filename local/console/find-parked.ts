import type { Mark } from '../../lib/domain/mark.ts';
import { coordinatesOf, partitionName } from '../../lib/domain/push-message.ts';
import type { StatusTables } from '../../operate/status/tables.ts';
import { changePath, type Path } from './paths.ts';

const isOpen = ({ byComet }: Path, { comet }: Mark): boolean => {
  const known = byComet.get(comet);
  return known?.parkedAt === undefined && known?.tookAt === undefined;
};

/** Looks for the message in the queues of the comets that are behind on its partition. Rejects with the store's errors. */
export const findParked = async (
  path: Path,
  marks: readonly Mark[],
  parked: StatusTables['parked'],
): Promise<void> => {
  const { offset, ...place } = coordinatesOf(path.id);
  const partition = partitionName(place);
  const maybe = marks.filter(
    (mark) => mark.partition === partition && mark.parkedThrough >= offset && isOpen(path, mark),
  );
  for (const { comet } of maybe) {
    const { runs } = await parked.read(comet, partition);
    const run = runs.find(({ ops }) => ops.some(({ id }) => id === path.id));
    if (run !== undefined) changePath(path, comet, { parkedAt: run.parkedAt });
  }
};
