import type { BrokenLetter, StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { DeadLettersTable } from '../../lib/store/dead-letters.ts';
import { plain } from '../../local/commands/plain.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import type { LetterFilter } from './arguments.ts';
import { matches } from './filter.ts';

/** Those that are asked for; of what is not a letter it says so. */
const letters = (
  page: readonly (StoredLetter | BrokenLetter)[],
  filter: LetterFilter,
  { err, now }: Terminal,
): StoredLetter[] =>
  page.flatMap((letter) => {
    if (!('problem' in letter)) return matches(letter, filter, now()) ? [letter] : [];
    err(`cannot read ${plain(letter.id)}: ${letter.problem}`);
    return [];
  });

/** The letters that are asked for, a page of the table at a time, until the signal. */
export const scanLetters = async function* (
  table: Pick<DeadLettersTable, 'scan'>,
  filter: LetterFilter,
  terminal: Terminal,
): AsyncGenerator<StoredLetter[]> {
  const progress = createProgress(terminal);
  let seen = 0;
  for await (const page of table.scan()) {
    if (terminal.signal.aborted) return;
    yield letters(page, filter, terminal);
    seen += page.length;
    progress(() => `${seen} letters looked at`);
  }
};
