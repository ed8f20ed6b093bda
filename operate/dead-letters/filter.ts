import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { LetterFilter } from './arguments.ts';

const HOUR_MS = 3_600_000;
const MALFORMED = 'malformed';

const hasReason = ({ kind, reason }: StoredLetter, wanted: string): boolean =>
  reason === wanted || (wanted === MALFORMED && kind === 'record');

/** Whether the letter is one that is asked for; `now` in ms. */
export const matches = (letter: StoredLetter, filter: LetterFilter, now: number): boolean =>
  (filter.id === undefined || letter.id === filter.id) &&
  (filter.ids === undefined || filter.ids.has(letter.id)) &&
  (filter.reason === undefined || hasReason(letter, filter.reason)) &&
  (filter.comet === undefined || letter.comet === filter.comet) &&
  (filter.olderThanHours === undefined || letter.diedAt < now - filter.olderThanHours * HOUR_MS);
