import type { BrokenLetter, StoredLetter } from '../../lib/store/dead-letter-item.ts';
import type { StatusTables } from './tables.ts';

export interface LettersStatus {
  /** Newest first; in no order of the log. */
  readonly letters: readonly StoredLetter[];
  /** Of all that were read, also those beyond `MAX_LETTERS`. */
  readonly countByReason: Readonly<Record<string, number>>;
  /** False: there are more than `MAX_READ`. */
  readonly isAll: boolean;
  /** Items that are no letters. */
  readonly broken: number;
}

/** Letters that are held at once, a quarter of a KB each. */
const MAX_READ = 100_000;
const MAX_LETTERS = 10_000;

const isStored = (letter: StoredLetter | BrokenLetter): letter is StoredLetter => !('problem' in letter);

const countsOf = (letters: readonly StoredLetter[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(letters, ({ reason }) => reason)].map(([reason, group]) => [reason, group.length]),
  );

/** Reads the table, as far as `MAX_READ`: a read unit for 4 KB, originals included. Rejects with the store's errors. */
export const readLetters = async ({ letters }: Pick<StatusTables, 'letters'>): Promise<LettersStatus> => {
  const found: (StoredLetter | BrokenLetter)[] = [];
  let isAll = true;
  for await (const page of letters.scan()) {
    isAll = found.length < MAX_READ;
    if (!isAll) break;
    found.push(...page);
  }
  const stored = found.filter(isStored);
  return {
    letters: stored.toSorted((a, b) => b.diedAt - a.diedAt).slice(0, MAX_LETTERS),
    countByReason: countsOf(stored),
    isAll,
    broken: found.length - stored.length,
  };
};
