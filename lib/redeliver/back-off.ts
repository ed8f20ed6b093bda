import type { Clock } from '../clock.ts';
import { PROBE_FIRST_MS, PROBE_LAST_MS, PROBE_LOOK_MS } from '../domain/limits.ts';
import type { Shift } from './shift.ts';

const backOffMs = (failures: number): number =>
  Math.min(PROBE_FIRST_MS * 2 ** (failures - 1), PROBE_LAST_MS) * (0.5 + Math.random() / 2);

/** The pause after so many failures in a row; over early once the comet answers `mergeRooms` again. */
export const backOff = async (
  failures: number,
  { answersAgain }: Pick<Shift, 'answersAgain'>,
  { now, sleep }: Clock,
): Promise<void> => {
  const endsAt = now() + backOffMs(failures);
  for (let leftMs = endsAt - now(); leftMs > 0; leftMs = endsAt - now()) {
    await sleep(Math.min(leftMs, PROBE_LOOK_MS));
    if (await answersAgain()) return;
  }
};
