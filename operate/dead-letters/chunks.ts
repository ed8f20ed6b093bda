import { MAX_PART_BYTES } from '../../lib/domain/limits.ts';
import type { StoredLetter } from '../../lib/store/dead-letter-item.ts';
import { REPLAY_BYTES, REPLAY_LETTERS } from './replay-limits.ts';

/** Of a letter that does not say it, as many as its items hold at most. */
const bytesOf = ({ bytes, parts }: StoredLetter): number => bytes ?? Math.max(1, parts) * MAX_PART_BYTES;

/** Letters that are replayed together, in order: `REPLAY_LETTERS` and `REPLAY_BYTES` at most, or one. */
export const chunkLetters = (letters: readonly StoredLetter[]): StoredLetter[][] => {
  const chunks: StoredLetter[][] = [];
  let last: StoredLetter[] | undefined;
  let lastBytes = 0;
  for (const letter of letters) {
    const bytes = bytesOf(letter);
    if (last === undefined || last.length >= REPLAY_LETTERS || lastBytes + bytes > REPLAY_BYTES) {
      last = [];
      lastBytes = 0;
      chunks.push(last);
    }
    last.push(letter);
    lastBytes += bytes;
  }
  return chunks;
};
