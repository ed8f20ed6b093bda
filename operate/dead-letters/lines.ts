import { opId } from '../../lib/domain/push-message.ts';
import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import { plain } from '../../local/commands/plain.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** In the largest unit of which there is at least one: `3d`, `7m`, `0s`. */
export const age = (ms: number): string => {
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= size) ?? (['s', 1000] as const);
  return `${Math.max(0, Math.floor(ms / unitMs))}${unit}`;
};

/** Neither body nor key: id, reason, coordinates, comet, age, size. */
export const letterLine = (letter: StoredLetter, now: number): string => {
  const { id, reason, comet, diedAt, bytes } = letter;
  const size = bytes === undefined ? '?' : `${bytes} B`;
  return [id, reason, opId(letter), comet ?? '-', age(now - diedAt), size].map(plain).join('\t');
};
