import { DROP_REASONS } from '../../lib/domain/outcome.ts';
import { MALFORMED_REASONS } from '../../lib/domain/push-message.ts';
import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { LetterFilter } from './arguments.ts';

const HOUR_MS = 3_600_000;
const MALFORMED = 'malformed';

/** All that a letter may be asked for by; what has expired is none. */
export const LETTER_REASONS: readonly string[] = [
  MALFORMED,
  ...MALFORMED_REASONS,
  ...DROP_REASONS.filter((reason) => reason !== 'expired'),
];

const hasReason = ({ kind, reason }: StoredLetter, wanted: string): boolean =>
  reason === wanted || (wanted === MALFORMED && kind === 'record');

/** Whether the letter is one that is asked for; `now` in ms. */
export const matches = (letter: StoredLetter, filter: LetterFilter, now: number): boolean =>
  (filter.id === undefined || letter.id === filter.id) &&
  (filter.ids === undefined || filter.ids.has(letter.id)) &&
  (filter.reason === undefined || hasReason(letter, filter.reason)) &&
  (filter.comet === undefined || letter.comet === filter.comet) &&
  (filter.olderThanHours === undefined || letter.diedAt < now - filter.olderThanHours * HOUR_MS);
